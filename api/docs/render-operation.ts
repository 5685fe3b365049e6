import { escapeHtml } from '../html-page.ts';
import { exampleOf } from './example-of.ts';
import { inlineText, paragraphs } from './inline-text.ts';
import type { Operation, Parameter, SchemaNode, Schemas } from './openapi-document.ts';
import { typeOf } from './render-schema.ts';

export interface NamedOperation {
  method: string;
  path: string;
  operation: Operation;
}

/** One route: what it does, what it takes, an example to paste, and everything it can answer. */
export function renderOperation(named: NamedOperation, schemas: Schemas): string {
  const { method, path, operation } = named;
  return [
    `<section class="route" id="${operation.operationId}">`,
    `<h3><a href="#${operation.operationId}"><code><b>${method.toUpperCase()}</b> ${escapeHtml(path)}</code></a></h3>`,
    `<p>${inlineText(operation.summary)}.</p>`,
    paragraphs(operation.description),
    renderParameters(operation.parameters),
    renderBody(operation),
    `<h4>Example</h4>\n<pre><code>${escapeHtml(curlOf(named, schemas))}</code></pre>`,
    renderResponses(operation, schemas),
    `</section>`,
  ].join('\n');
}

function renderParameters(parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return '';
  const rows = parameters.map(
    ({ name, in: place, required, schema, description }) => `<tr><td><code>${escapeHtml(name)}</code></td>
<td>${escapeHtml(place)}${required ? '' : ', optional'}</td><td>${typeOf(schema)}</td>
<td>${inlineText(description)}</td></tr>`,
  );
  return `<h4>Parameters</h4>\n<table><tbody>\n${rows.join('\n')}\n</tbody></table>`;
}

function renderBody({ requestBody }: Operation): string {
  const schema = requestBody?.content?.['application/json']?.schema;
  if (requestBody === undefined || schema === undefined) return '';
  return `<h4>Body</h4>\n<p>JSON: ${typeOf(schema)}${requestBody.required ? '' : ', may be left out'}</p>`;
}

function curlOf({ method, path, operation }: NamedOperation, schemas: Schemas): string {
  const valueOf = ({ schema }: Pick<Parameter, 'schema'>) => String(exampleOf(schema, schemas));
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    return valueOf(operation.parameters.find((parameter) => parameter.name === name) ?? { schema: {} });
  });
  const headers = operation.parameters.filter((parameter) => parameter.in === 'header' && parameter.required);
  const body = operation.requestBody?.content?.['application/json']?.schema;
  return [
    `curl ${method === 'get' ? '' : `-X ${method.toUpperCase()} `}"$BOB_URL${address}"`,
    ...credentialOf(operation),
    ...headers.map((header) => `-H ${quoted(`${header.name}: ${valueOf(header)}`)}`),
    ...(body === undefined ? [] : [`-H "Content-Type: application/json"`, `-d ${quoted(jsonOf(body, schemas, 0))}`]),
  ].join(' \\\n  ');
}

function credentialOf({ security }: Operation): string[] {
  const schemes = security.flatMap((needed) => Object.keys(needed));
  if (schemes.includes('widgetKey')) return ['-H "X-Widget-Key: $BOB_WIDGET_KEY"'];
  return schemes.includes('bearer') ? ['-H "Authorization: Bearer $BOB_TOKEN"'] : [];
}

/** For a POSIX shell, whatever the text holds. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function jsonOf(schema: SchemaNode, schemas: Schemas, indent: number): string {
  return JSON.stringify(exampleOf(schema, schemas), null, indent);
}

function renderResponses({ responses }: Operation, schemas: Schemas): string {
  const rows = Object.entries(responses).map(
    ([status, answer]) => `<tr><td>${escapeHtml(status)}</td><td>${renderAnswer(answer, Number(status))}</td></tr>`,
  );
  const success = Object.values(responses).find(({ content }) => content?.['application/json'] !== undefined);
  const schema = success?.content?.['application/json']?.schema;
  const example =
    schema === undefined
      ? ''
      : `<details><summary>An answer</summary>
<pre><code>${escapeHtml(jsonOf(schema, schemas, 2))}</code></pre></details>`;
  return `<h4>Answers</h4>\n<table><tbody>\n${rows.join('\n')}\n</tbody></table>\n${example}`;
}

function renderAnswer({ description, headers, content = {} }: Operation['responses'][string], status: number): string {
  const types = Object.entries(content).filter(([type]) => type !== 'application/problem+json');
  if (types.length === 0 && status >= 400) return problemLinks(description);
  const shapes = types.map(([type, { schema }]) =>
    type === 'application/json' && schema !== undefined ? typeOf(schema) : `<code>${escapeHtml(type)}</code>`,
  );
  const told = Object.entries(headers).map(
    ([name, header]) => `<br><small><code>${escapeHtml(name)}</code>: ${inlineText(header.description)}</small>`,
  );
  return [inlineText(description), ...(shapes.length === 0 ? [] : [`: ${shapes.join(', ')}`]), ...told].join('');
}

/** The document names problems by their slugs, between backticks; each has a page. */
function problemLinks(description: string): string {
  return inlineText(description).replaceAll(/<code>([a-z-]+)<\/code>/g, '<a href="/problems/$1"><code>$1</code></a>');
}
