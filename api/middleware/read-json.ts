import type { IncomingHttpHeaders } from 'node:http';

import { bodyParser } from '@koa/bodyparser';
import type { Context, ParameterizedContext } from 'koa';

import { Problem } from '#contract/problems.ts';

import type { RequestState } from '../state.ts';
import { findDuplicateKey } from './duplicate-key.ts';

const BODY_LIMIT_KB = 64;
/** No charset means UTF-8 (RFC 8259 section 8.1). */
const UTF_8 = new Set(['', 'utf-8', 'utf8']);

/** Objects and arrays only, UTF-8, 64 KiB; keys that would reach a prototype are refused. */
const parse = bodyParser({ enableTypes: ['json'], jsonLimit: `${BODY_LIMIT_KB}kb`, jsonStrict: true, onError: refuse });

/** The JSON body, or `{}` where none was sent. Read where it is needed: nobody is sent through it who may not pass. */
export async function readJson(ctx: ParameterizedContext<RequestState>): Promise<unknown> {
  if (!hasBody(ctx.req.headers)) return {};
  requirePlainJson(ctx);
  await parse(ctx, () => Promise.resolve());
  const raw = ctx.request.rawBody ?? '';
  const duplicate = findDuplicateKey(raw);
  if (duplicate !== null) {
    throw new Problem('malformed-body', { detail: `The key ${JSON.stringify(duplicate)} stands twice in one object.` });
  }
  return raw.trim() === '' ? {} : ctx.request.body;
}

/** A packed body would have to be unpacked to learn that it is too large, and other alphabets would be misread. */
function requirePlainJson(ctx: ParameterizedContext<RequestState>): void {
  if (ctx.is('application/json') === false) {
    throw new Problem('unsupported-media-type', { detail: 'Send the body as Content-Type: application/json.' });
  }
  const { 'content-encoding': encoding = 'identity' } = ctx.req.headers;
  if (encoding.toLowerCase() !== 'identity') {
    const headers = { 'Accept-Encoding': 'identity' };
    throw new Problem('unsupported-media-type', { detail: 'Send the body without Content-Encoding.', headers });
  }
  if (!UTF_8.has(ctx.request.charset.toLowerCase())) {
    throw new Problem('unsupported-media-type', { detail: 'Send the body in UTF-8.' });
  }
}

function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** What the parser throws carries a status; its text may quote the body and stays here. */
function refuse(error: Error, _ctx: Context): never {
  const status = 'status' in error ? error.status : 400;
  if (status === 413) {
    throw new Problem('body-too-large', { detail: `A JSON body may have ${BODY_LIMIT_KB} KiB at most.`, cause: error });
  }
  if (status === 415) {
    throw new Problem('unsupported-media-type', { detail: 'Send the body as UTF-8 without encoding.', cause: error });
  }
  throw new Problem('malformed-body', { detail: 'The body is not a JSON object.', cause: error });
}
