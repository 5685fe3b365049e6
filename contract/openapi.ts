import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
} from 'zod-openapi';

import { ProblemBody } from './common.ts';
import { problemsByStatus } from './route-problems.ts';
import { ROUTES } from './routes/index.ts';
import type { AnswerDocument, RouteDocument } from './routes/route-document.ts';

const PROBLEM_CONTENT = { 'application/problem+json': { schema: ProblemBody } };
const EVENTS = 'text/event-stream';
const SIGNED_IN = [{ bearer: [] }, { cookie: [], csrf: [] }];
const SIGNED_IN_READ = [{ bearer: [] }, { cookie: [] }];

const IdempotencyHeader = z.object({
  'Idempotency-Key': z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/)
    .optional()
    .meta({ description: 'A second request with the same key gets the first answer again. Kept for 30 days.' }),
});

/** The OpenAPI 3.1 document of all routes, made from the same schemas that check requests. */
export function buildOpenapi({ version }: { version: string }) {
  return createDocument({
    openapi: '3.1.1',
    info: {
      title: 'Bob',
      version,
      description: 'A governed AI front office: conversations, credits, webhooks. Errors are RFC 9457 problems.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The installation that serves this document' }],
    tags: [...new Set(ROUTES.map((route) => route.tag))]
      .toSorted()
      .map((name) => ({ name, description: `Routes: ${name}` })),
    paths: pathsOf(ROUTES),
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'The token of a login' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'bob', description: 'Named __Host-bob on https' },
        widgetKey: {
          type: 'apiKey',
          in: 'header',
          name: 'X-Widget-Key',
          description: 'Public; works from the origins on the list of its tenant',
        },
        csrf: {
          type: 'apiKey',
          in: 'header',
          name: 'X-CSRF-Token',
          description: 'Beside the cookie, where something changes',
        },
      },
    },
  });
}

/** Router paths name parameters `:id`, OpenAPI `{id}`. */
export function openapiPath(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}');
}

function pathsOf(routes: readonly RouteDocument[]): ZodOpenApiPathsObject {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) {
    const path = openapiPath(route.path);
    paths[path] = { ...paths[path], [route.method]: operationOf(route) };
  }
  return paths;
}

function operationOf(route: RouteDocument): ZodOpenApiOperationObject {
  const headers = headersOf(route);
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    ...(descriptionOf(route) === '' ? {} : { description: descriptionOf(route) }),
    security: securityOf(route),
    requestParams: {
      ...(route.params === undefined ? {} : { path: route.params }),
      ...(route.query === undefined ? {} : { query: route.query }),
      ...(headers === undefined ? {} : { header: headers }),
    },
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            // No body is read as an empty one.
            required: !route.body.safeParse({}).success,
            content: { 'application/json': { schema: route.body } },
          },
        }),
    responses: responsesOf(route),
  };
}

function descriptionOf({ access, description = '' }: RouteDocument): string {
  if (access === 'public' || access === 'signed-in') return description;
  return `${description}\n\nPermission: \`${access}\`.`.trim();
}

function securityOf({ access, method, isWidget }: RouteDocument) {
  if (isWidget === true) return [{ widgetKey: [] }];
  if (access === 'public') return [];
  return method === 'get' ? SIGNED_IN_READ : SIGNED_IN;
}

function headersOf({ headers, idempotent }: RouteDocument): z.ZodObject | undefined {
  if (idempotent !== true) return headers;
  return headers === undefined ? IdempotencyHeader : headers.extend(IdempotencyHeader.shape);
}

type Responses = NonNullable<ZodOpenApiOperationObject['responses']>;

function responsesOf(route: RouteDocument): Responses {
  const responses: Responses = {};
  const problems = problemsByStatus(route);
  for (const [status, slugs] of problems) {
    const description = slugs.map((slug) => `\`${slug}\``).join(', ');
    Object.assign(responses, { [status]: { description, content: PROBLEM_CONTENT } });
  }
  for (const [status, answer] of Object.entries(route.responses)) {
    Object.assign(responses, { [status]: responseOf(answer, problems.has(Number(status))) });
  }
  return responses;
}

/** A status can stand for an answer and for problems: a health check that is down, and a database that is away. */
function responseOf(answer: AnswerDocument, hasProblems: boolean): ZodOpenApiResponseObject {
  return {
    description: answer.description,
    content: { ...contentOf(answer), ...(hasProblems ? PROBLEM_CONTENT : {}) },
    ...(answer.headers === undefined ? {} : { headers: answerHeaders(answer.headers) }),
  };
}

function answerHeaders(headers: Readonly<Record<string, string>>): z.ZodObject {
  return z.object(
    Object.fromEntries(Object.entries(headers).map(([name, description]) => [name, z.string().meta({ description })])),
  );
}

function contentOf({ schema, mediaTypes = [] }: AnswerDocument) {
  // A stream is no one text: what each of its events holds is said in words.
  const texts = Object.fromEntries(mediaTypes.map((type) => [type, type === EVENTS ? {} : { schema: z.string() }]));
  return schema === undefined ? texts : { 'application/json': { schema }, ...texts };
}
