import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { complete } from './complete.ts';
import { completionBody, completionChunks, type CompletionStamp } from './completion-body.ts';
import { CompletionRequest } from './completion-request.ts';
import { ModelError } from './model-error.ts';
import { MODEL_NAME } from './model-name.ts';

export interface OfflineModel {
  /** Base URL for any OpenAI client, ending in /v1. */
  url: string;
  stop(): Promise<void>;
}

const BODY_BYTES_MAX = 4 * 1024 * 1024;
// Longer than a client keeps an idle connection, so that it never writes into one that is just closing.
const KEEP_ALIVE_MS = 120_000;

/** The model of an installation that has none: OpenAI's wire, over real HTTP, on loopback. */
export async function startOfflineModel({ host = '127.0.0.1', port = 0 } = {}): Promise<OfflineModel> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    answer(request, response).catch((error: unknown) => refuse(response, error));
  });
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  const boundPort = typeof address === 'object' ? address?.port : null;
  return {
    url: `http://${host}:${boundPort}/v1`,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const route = `${request.method} ${request.url?.split('?')[0]}`;
  if (route === 'GET /v1/models') return sendJson(response, 200, { object: 'list', data: [modelCard()] });
  if (route === `GET /v1/models/${MODEL_NAME}`) return sendJson(response, 200, modelCard());
  if (route !== 'POST /v1/chat/completions') throw new ModelError(404, `Unknown request: ${route}`, 'unknown_url');
  const wanted = parseRequest(await readBody(request));
  const completion = complete(wanted);
  const stamp = newStamp();
  if (wanted.stream !== true) return sendJson(response, 200, completionBody(completion, stamp));
  const includeUsage = wanted.stream_options?.include_usage === true;
  return sendEvents(response, completionChunks(completion, { stamp, includeUsage }));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    // Read to its end all the same: a client that is still sending would never see the refusal.
    if (size <= BODY_BYTES_MAX) parts.push(part);
  }
  if (size > BODY_BYTES_MAX) throw new ModelError(413, 'The request is too large.');
  return Buffer.concat(parts).toString('utf8');
}

function parseRequest(text: string): CompletionRequest {
  const parsed = CompletionRequest.safeParse(parseJson(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ModelError(400, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`);
  }
  const { model } = parsed.data;
  if (model !== MODEL_NAME) throw new ModelError(404, `The model '${model}' does not exist.`, 'model_not_found');
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ModelError(400, `The body is not JSON: ${error instanceof Error ? error.message : ''}`);
  }
}

/** The words are the same each time, the id is not: receipts name a call by it. */
function newStamp(): CompletionStamp {
  return { id: `chatcmpl-offline-${randomUUID()}`, createdSeconds: 0 };
}

function modelCard(): object {
  return { id: MODEL_NAME, object: 'model', created: 0, owned_by: 'bob' };
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function sendEvents(response: ServerResponse, chunks: readonly object[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  for (const chunk of chunks) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  response.end('data: [DONE]\n\n');
}

function refuse(response: ServerResponse, error: unknown): void {
  const known = error instanceof ModelError ? error : new ModelError(500, 'The model failed.');
  if (response.headersSent) response.destroy();
  else sendJson(response, known.status, known.body());
}
