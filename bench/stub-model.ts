/** An OpenAI-compatible model that is as slow and as faulty as it is told to be; see README.md. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { sendError, sendStubReply } from './stub/send-stub-reply.ts';
import { markOf, stubAnswer } from './stub/stub-answer.ts';
import { stubFault } from './stub/stub-fault.ts';
import { type StubLatency, stubLatency } from './stub/stub-latency.ts';
import { createStubLog, type StubStats } from './stub/stub-log.ts';
import { countUserMessages, lastUserMessage, readStubRequest, type StubRequest } from './stub/stub-request.ts';
import { listenOnLoopback } from './wire/listen-on-loopback.ts';

export interface StubModel {
  /** Base URL for any OpenAI client, ending in /v1. */
  url: string;
  stats(): StubStats;
  reset(): void;
  stop(): Promise<void>;
}

// Longer than a client keeps an idle connection, so that it never writes into one that is just closing.
const KEEP_ALIVE_MS = 120_000;
const MESSAGE_LENGTH_LOGGED = 200;

export async function startStubModel({ port = 0 } = {}): Promise<StubModel> {
  const log = createStubLog();
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    response.on('error', () => response.destroy());
    serve({ request, response, log }).catch(() => response.destroy());
  });
  const boundPort = await listenOnLoopback(server, port);
  return {
    url: `http://127.0.0.1:${boundPort}/v1`,
    stats: () => log.stats(),
    reset: () => log.reset(),
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  log: ReturnType<typeof createStubLog>;
}

async function serve(exchange: Exchange): Promise<void> {
  const { request, response, log } = exchange;
  switch (`${request.method} ${request.url}`) {
    case 'POST /v1/chat/completions':
      return completeChat(exchange);
    case 'GET /v1/models':
      return sendJson(response, { object: 'list', data: [{ id: 'stub-0-0-8', object: 'model', owned_by: 'bench' }] });
    case 'GET /__stats':
      return sendJson(response, log.stats());
    case 'POST /__reset':
      log.reset();
      return sendJson(response, {});
    default:
      return sendError(response, 404, 'The stub knows no such path.');
  }
}

async function completeChat({ request, response, log }: Exchange): Promise<void> {
  const wanted = readStubRequest(await readText(request));
  if (wanted === null) return sendError(response, 400, 'Not a chat completion request.');
  const latency = stubLatency(wanted.model);
  if (latency === null) return sendError(response, 404, 'Model names are stub-FIRST-PER-N.');
  await answerChat({ response, log, wanted, latency });
}

async function answerChat(chat: {
  response: ServerResponse;
  log: Exchange['log'];
  wanted: StubRequest;
  latency: StubLatency;
}): Promise<void> {
  const { response, log, wanted, latency } = chat;
  const message = lastUserMessage(wanted);
  const count = log.countMessage(message);
  const fault = stubFault(message, count);
  const id = `chatcmpl-stub-${count.inAll}`;
  const call = log.begin({
    id,
    atMs: Math.round(performance.now()),
    model: wanted.model,
    stream: wanted.stream,
    userMessages: countUserMessages(wanted),
    mark: markOf(message),
    message: message.slice(0, MESSAGE_LENGTH_LOGGED),
    fault,
  });
  response.once('close', () => log.end(call, response.writableFinished ? 'answered' : 'aborted'));
  const answer = stubAnswer(wanted, fault, latency.tokenCount);
  await sendStubReply(response, { id, request: wanted, answer, fault }, latency);
}

async function readText(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

function sendJson(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } });
  const stub = await startStubModel({ port: Number(values.port) });
  process.stdout.write(`${JSON.stringify({ url: stub.url, pid: process.pid })}\n`);
  const stop = (): void => void stub.stop().then(() => process.exit(0));
  process.once('SIGTERM', stop).once('SIGINT', stop);
}
