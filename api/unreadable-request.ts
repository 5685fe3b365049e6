import { STATUS_CODES, type Server } from 'node:http';
import type { Duplex } from 'node:stream';

import { Problem, type ProblemSlug } from '#contract/problems.ts';
import { newUuid } from '#platform/new-id.ts';

import { presentProblem } from './problems/present-problem.ts';

/** What the parser of Node refuses never becomes a request, so no middleware sees it: it is answered here. */
export function answerUnreadable(server: Server): void {
  const answering = new WeakSet<Duplex>();
  server.on('request', (request, response) => {
    answering.add(request.socket);
    response.once('close', () => answering.delete(request.socket));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    // Into a running answer nothing may be written: its reader would take it for a part of that.
    if (!socket.writable || error.code === 'ECONNRESET' || answering.has(socket)) socket.destroy();
    else socket.end(responseTo(error.code ?? ''));
  });
}

function responseTo(code: string): string {
  const problem = problemOf(code);
  const requestId = newUuid();
  const body = JSON.stringify(presentProblem(problem, { path: '', requestId }));
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    `X-Request-Id: ${requestId}`,
    'Connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

function problemOf(code: string): Problem {
  const [slug, detail] = REFUSALS[code] ?? MALFORMED;
  return new Problem(slug, { detail });
}

const MALFORMED = ['malformed-request', 'The request line or a header breaks the rules of HTTP.'] as const;
const REFUSALS: Readonly<Record<string, readonly [slug: ProblemSlug, detail: string]>> = {
  HPE_HEADER_OVERFLOW: ['headers-too-large', 'Request line and headers together may have 16 KiB.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request-timeout', 'The request did not arrive whole in time.'],
};
