import { escapeHtml } from '../html-page.ts';
import { refName } from './example-of.ts';
import { inlineText } from './inline-text.ts';
import type { SchemaNode } from './openapi-document.ts';

/** Past this nothing is said of a number that a reader would not take for granted. */
const UNBOUNDED = Number.MAX_SAFE_INTEGER;

/** The fields of an object, one row each; fields inside fields stand under their path. */
export function renderFields(node: SchemaNode): string {
  const rows = fieldRows(node, '');
  if (rows.length === 0) return `<p>${typeOf(node)}</p>`;
  return `<table><thead><tr><th>Field</th><th>Type</th><th></th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table>`;
}

function fieldRows(node: SchemaNode, path: string): string[] {
  const inside = node.type === 'array' ? (node.items ?? {}) : node;
  return Object.entries(inside.properties ?? {}).flatMap(([name, field]) => {
    const isNeeded = inside.required?.includes(name) === true;
    const here = `${path}${name}`;
    const row = `<tr><td><code>${escapeHtml(here)}</code></td><td>${typeOf(field)}${isNeeded ? '' : ', optional'}</td>
<td>${inlineText(field.description ?? '')}${boundsOf(field)}</td></tr>`;
    return [row, ...innerObjects(field).flatMap((inner) => fieldRows(inner, `${here}${mark(field)}.`))];
  });
}

function mark({ type }: SchemaNode): string {
  return type === 'array' ? '[]' : '';
}

/** What of a field has fields of its own, here and not under a name of its own. */
function innerObjects(node: SchemaNode): SchemaNode[] {
  if (node.$ref !== undefined) return [];
  if (node.anyOf !== undefined) return node.anyOf.flatMap(innerObjects);
  const inside = node.type === 'array' ? node.items : node;
  return inside?.properties === undefined ? [] : [inside];
}

export function typeOf(node: SchemaNode): string {
  if (node.$ref !== undefined) {
    const name = escapeHtml(refName(node.$ref));
    return `<a href="#schema-${name}">${name}</a>`;
  }
  const choices = node.anyOf ?? node.oneOf;
  if (choices !== undefined) return choices.map(typeOf).join(' or ');
  if (node.const !== undefined) return literal(node.const);
  if (node.enum !== undefined) return node.enum.map(literal).join(' or ');
  if (node.type === 'array') return `list of ${typeOf(node.items ?? {})}`;
  const types = typeof node.type === 'string' ? [node.type] : (node.type ?? ['any']);
  return escapeHtml(types.join(' or '));
}

function literal(value: unknown): string {
  return `<code>${escapeHtml(JSON.stringify(value))}</code>`;
}

function boundsOf(node: SchemaNode): string {
  const { minimum = -UNBOUNDED, maximum = UNBOUNDED, maxLength, maxItems, pattern, format } = node;
  const bounds: [isTold: boolean, text: string][] = [
    [minimum > -UNBOUNDED, `at least ${minimum}`],
    [maximum < UNBOUNDED, `at most ${maximum}`],
    [maxLength !== undefined, `at most ${maxLength} characters`],
    [maxItems !== undefined, `at most ${maxItems} items`],
    [pattern !== undefined && format === undefined, `as <code>${escapeHtml(pattern ?? '')}</code>`],
    [node.default !== undefined, `${literal(node.default ?? null)} when left out`],
  ];
  const told = bounds.filter(([isTold]) => isTold).map(([, text]) => text);
  return told.length === 0 ? '' : ` <small>(${told.join(', ')})</small>`;
}
