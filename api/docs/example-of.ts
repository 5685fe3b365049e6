import type { SchemaNode, Schemas } from './openapi-document.ts';

/** Answers hold answers, a few deep; a schema that holds itself must end as well. */
const DEPTH_MAX = 12;
const EXAMPLES_BY_FORMAT: Readonly<Record<string, string>> = {
  'date-time': '2026-03-01T12:00:00.000Z',
  email: 'you@example.com',
  uuid: '018f3c1e-7b5a-7cc0-9d2f-3a4b5c6d7e8f',
  uri: 'https://example.com',
};
const OUR_ID = /^\^([a-z]{3})_\[0-9a-f\]\{32\}\$$/;

export function refName(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1);
}

/** A value that fits the schema, as a reader would write one; the fields that may be left out are left out. */
export function exampleOf(node: SchemaNode, schemas: Schemas, depth = 0): unknown {
  if (depth > DEPTH_MAX) return null;
  const other = node.$ref === undefined ? firstChoice(node) : (schemas[refName(node.$ref)] ?? {});
  if (other !== undefined) return exampleOf(other, schemas, depth + 1);
  const given = [node.example, node.const, node.default, node.enum?.[0]].find((value) => value !== undefined);
  return given ?? (EXAMPLES_BY_TYPE[typeNameOf(node)] ?? exampleObject)(node, schemas, depth + 1);
}

type MakeExample = (node: SchemaNode, schemas: Schemas, depth: number) => unknown;

const exampleNumber: MakeExample = ({ minimum = 0 }) => Math.max(minimum, 0);

const EXAMPLES_BY_TYPE: Readonly<Record<string, MakeExample>> = {
  array: ({ items = {} }, schemas, depth) => [exampleOf(items, schemas, depth)],
  integer: exampleNumber,
  number: exampleNumber,
  boolean: () => true,
  string: exampleText,
  null: () => null,
};

function firstChoice({ anyOf, oneOf }: SchemaNode): SchemaNode | undefined {
  return (anyOf ?? oneOf)?.[0];
}

function typeNameOf({ type = 'object' }: SchemaNode): string {
  return typeof type === 'string' ? type : (type[0] ?? 'object');
}

function exampleObject({ properties = {}, required = [] }: SchemaNode, schemas: Schemas, depth: number): object {
  const shown = Object.entries(properties).filter(([name]) => required.includes(name));
  return Object.fromEntries(shown.map(([name, inner]) => [name, exampleOf(inner, schemas, depth)]));
}

function exampleText({ format = '', pattern = '', minLength = 0 }: SchemaNode): string {
  const prefix = OUR_ID.exec(pattern)?.[1];
  if (prefix !== undefined) return `${prefix}_018f3c1e7b5a7cc09d2f3a4b5c6d7e8f`;
  return EXAMPLES_BY_FORMAT[format] ?? 'text'.padEnd(minLength, ' and more');
}
