import { escapeHtml, htmlPage } from '../html-page.ts';
import { paragraphs } from './inline-text.ts';
import type { OpenapiDocument, Schemas } from './openapi-document.ts';
import { renderOperation, type NamedOperation } from './render-operation.ts';
import { renderFields } from './render-schema.ts';

const INTRODUCTION = `
<p>All routes of this server. The same as data: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1).
To find something, use the search of your browser: every route, field and problem stands on this page.</p>
<h3>Who calls</h3>
<p>Visitors chat without signing in. Everything else takes <code>Authorization: Bearer</code> with the token of a login
or an API key, or the cookie of a login; with the cookie, what changes something needs <code>X-CSRF-Token</code> too.
Routes for pages of other sites take <code>X-Widget-Key</code> and the page's <code>Origin</code>. The examples read the
address from <code>$BOB_URL</code>, the token from <code>$BOB_TOKEN</code>,
the key from <code>$BOB_WIDGET_KEY</code>.</p>
<h3>Errors</h3>
<p>Every error is <code>application/problem+json</code> (RFC 9457). Its <code>type</code> leads to
<a href="/problems">a page that explains it</a>; for a body, <code>errors</code> names all faults by JSON Pointers.</p>
<h3>Lists, repeats, rates</h3>
<p>Lists take <code>limit</code> and <code>cursor</code> and answer <code>data</code> and <code>next_cursor</code>.
What creates or spends takes an <code>Idempotency-Key</code>: the same key gets the first answer again.
Routes with a rate say in <code>RateLimit-Policy</code> and <code>RateLimit</code> what it is and what is left of it;
past it they answer 429 with <code>Retry-After</code> in seconds.</p>`;

/** The whole reference as one page: it needs no script, and nothing from elsewhere. */
export function renderReference(document: OpenapiDocument): string {
  const { schemas } = document.components;
  const areas = areasOf(document);
  const main = [
    `<h1>${escapeHtml(document.info.title)}: HTTP interface</h1>`,
    `<p>Version ${escapeHtml(document.info.version)}</p>`,
    paragraphs(document.info.description),
    INTRODUCTION,
    renderContents(areas, schemas),
    ...areas.map(([tag, operations]) => renderArea(tag, operations, schemas)),
    renderSchemas(schemas),
  ];
  return htmlPage({ title: `${document.info.title}: HTTP interface`, main: main.join('\n') });
}

type Area = [tag: string, operations: NamedOperation[]];

function areasOf({ paths }: OpenapiDocument): Area[] {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
  const areas = Map.groupBy(operations, ({ operation }) => operation.tags[0] ?? '');
  return [...areas].toSorted(([left], [right]) => left.localeCompare(right, 'en'));
}

function renderContents(areas: readonly Area[], schemas: Schemas): string {
  const lists = areas.map(([tag, operations]) => {
    const items = operations.map(
      ({ method, path, operation }) =>
        `<li><a href="#${operation.operationId}"><code>${method.toUpperCase()} ${escapeHtml(path)}</code></a></li>`,
    );
    return `<h3><a href="#area-${anchor(tag)}">${escapeHtml(tag)}</a></h3>\n<ul>\n${items.join('\n')}\n</ul>`;
  });
  const names = Object.keys(schemas).map((name) => `<a href="#schema-${escapeHtml(name)}">${escapeHtml(name)}</a>`);
  return `<nav aria-label="Contents">
<h2>Contents</h2>
${lists.join('\n')}
<h3><a href="#schemas">schemas</a></h3>
<p>${names.join(', ')}</p>
</nav>`;
}

function renderArea(tag: string, operations: readonly NamedOperation[], schemas: Schemas): string {
  const routes = operations.map((named) => renderOperation(named, schemas));
  return `<h2 id="area-${anchor(tag)}">${escapeHtml(tag)}</h2>\n${routes.join('\n')}`;
}

function renderSchemas(schemas: Schemas): string {
  const parts = Object.entries(schemas).map(
    ([name, schema]) => `<section id="schema-${escapeHtml(name)}">
<h3>${escapeHtml(name)}</h3>
${paragraphs(schema.description ?? '')}
${renderFields(schema)}
</section>`,
  );
  return `<h2 id="schemas">schemas</h2>\n${parts.join('\n')}`;
}

function anchor(tag: string): string {
  return tag.replaceAll(/[^\w-]+/g, '-');
}
