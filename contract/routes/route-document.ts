import type { Permission } from '#domain/permissions.ts';
import type { z } from 'zod';

import type { ProblemSlug } from '../problems.ts';

export interface AnswerDocument {
  description: string;
  /** JSON answers; without one the answer has no body, or the media type named below. */
  schema?: z.ZodType;
  /** Answers that are no JSON, such as `text/event-stream` or `text/html`. */
  mediaTypes?: readonly string[];
  headers?: Readonly<Record<string, string>>;
}

/** What a route promises. A test compares the list of these with the routes the server really has. */
export interface RouteDocument {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As the router knows it: `/api/sessions/:id`. */
  path: string;
  operationId: string;
  tag: string;
  summary: string;
  description?: string;
  /** A permission, any signed-in caller, or everybody. */
  access: Permission | 'signed-in' | 'public';
  /** Not signed in, but with a widget key. */
  isWidget?: boolean;
  /** Without a rate: what monitors ask, and files that are the same for every page. */
  isUnlimited?: boolean;
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodObject;
  idempotent?: boolean;
  headers?: z.ZodObject;
  responses: Readonly<Record<number, AnswerDocument>>;
  /** Beside those that every route of its kind can answer with. */
  problems?: readonly ProblemSlug[];
}
