import { expect, test } from 'vitest';

import { openapiPath } from '#contract/openapi.ts';
import { ROUTES } from '#contract/routes/index.ts';
import type { RouteDocument } from '#contract/routes/route-document.ts';

import { readOpenapi } from '../openapi/read-openapi.ts';
import { exampleOf } from './example-of.ts';
import { OpenapiDocument, type SchemaNode } from './openapi-document.ts';
import { typeOf } from './render-schema.ts';

const document = OpenapiDocument.parse(JSON.parse(readOpenapi()));

test('the example of a body is one that its route takes', () => {
  for (const route of ROUTES) {
    if (route.body === undefined) continue;
    const { error } = route.body.safeParse(exampleOf(bodySchemaOf(route), document.components.schemas));
    expect([route.operationId, error?.message]).toEqual([route.operationId, undefined]);
  }
});

function bodySchemaOf({ method, path }: RouteDocument): SchemaNode {
  const operation = document.paths[openapiPath(path)]?.[method];
  return operation?.requestBody?.content?.['application/json']?.schema ?? {};
}

test('a schema that holds itself ends', () => {
  const schemas = { Tree: { type: 'object', properties: { of: { $ref: '#/x/Tree' } }, required: ['of'] } };
  expect(JSON.stringify(exampleOf({ $ref: '#/x/Tree' }, schemas)).length).toBeLessThan(500);
});

test('what a schema holds cannot become markup', () => {
  expect(typeOf({ enum: ['<img src=x>'] })).toBe('<code>&quot;&lt;img src=x&gt;&quot;</code>');
  expect(typeOf({ $ref: '#/x/<b>' })).not.toContain('<b>');
});
