import { z } from 'zod';

import { type Thing, type Things, valuesFor } from './things.ts';

const Exemplified = z.looseObject({ example: z.unknown().optional() });
const Schema = z.looseObject({
  $ref: z.string().optional(),
  properties: z.record(z.string(), Exemplified).optional(),
});
const Operation = z.looseObject({
  parameters: z.array(Exemplified.extend({ in: z.string(), name: z.string() })).default([]),
  requestBody: z.looseObject({ content: z.record(z.string(), z.looseObject({ schema: Schema })) }).optional(),
});
const Document = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.looseObject({ schemas: z.record(z.string(), Schema) }),
});
type Document = z.output<typeof Document>;

export interface FuzzedDocument {
  paths: string[];
  /** `GET /api/keys`, as reports name it. */
  operations: string[];
  text: string;
}

/** The served document, with things that exist as examples: the phases that take examples get past a 404 by them. */
export function withExamples(served: unknown, things: Things): FuzzedDocument {
  const document = Document.parse(served);
  const next = takeTurns();
  const operations: string[] = [];
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      operations.push(`${method.toUpperCase()} ${path}`);
      exemplify({ document, path, operation, things, next });
    }
  }
  return { paths: Object.keys(document.paths), operations, text: JSON.stringify(document) };
}

interface Exemplifying {
  document: Document;
  path: string;
  operation: z.output<typeof Operation>;
  things: Things;
  next: (thing: Thing, values: readonly string[]) => string;
}

function exemplify({ document, path, operation, things, next }: Exemplifying): void {
  for (const { parameter, thing, values } of valuesFor(path, things)) {
    const value = next(thing, values);
    const example = thing === 'versions' ? Number(value) : value;
    for (const place of placesOf(document, operation, parameter)) place.example = example;
  }
}

/** Each operation takes another one, so that none works on what the one before has closed. */
function takeTurns(): Exemplifying['next'] {
  const uses = new Map<Thing, number>();
  return (thing, values) => {
    const used = uses.get(thing) ?? 0;
    uses.set(thing, used + 1);
    return values[used % values.length] ?? '';
  };
}

/** Where the document describes `path.id` or `body.token` of an operation. */
function placesOf(
  { components }: Document,
  { parameters, requestBody }: z.output<typeof Operation>,
  parameter: string,
): z.output<typeof Exemplified>[] {
  const [place = '', name = ''] = parameter.split('.');
  if (place !== 'body') return parameters.filter((each) => each.in === place && each.name === name);
  const bodies = Object.values(requestBody?.content ?? {}).map(({ schema }) => schema);
  return bodies.flatMap((schema) => {
    const named = components.schemas[schema.$ref?.split('/').at(-1) ?? ''] ?? schema;
    const field = named.properties?.[name];
    return field === undefined ? [] : [field];
  });
}
