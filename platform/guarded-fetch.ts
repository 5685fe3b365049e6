import { lookup as resolve } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';

import { Agent, buildConnector, request, type Dispatcher } from 'undici';

import type { FailureCode } from '#domain/webhooks/verdict.ts';

import { isAllowedAddress, parseAllowedHosts, type UrlRefusal } from './allowed-hosts.ts';
import { startStopwatch } from './clock.ts';
import { failureCodeOf } from './failure-code.ts';

export interface GuardedRequest {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
  /** From name resolution to the verdict, everything included. */
  timeoutMs: number;
}

export type GuardedAnswer =
  | {
      kind: 'answered';
      status: number;
      headers: Record<string, string>;
      body: string;
      truncated: boolean;
      remoteIp: string | null;
      durationMs: number;
    }
  | { kind: 'failed'; code: FailureCode; durationMs: number };

/** The only way out of the house for addresses that a tenant chose. Follows nothing, reads little, waits so long. */
export interface GuardedFetch {
  refusalOf(url: string): UrlRefusal | null;
  post(request: GuardedRequest): Promise<GuardedAnswer>;
  close(): Promise<void>;
}

/** The address is not allowed. Which one it was stays inside: a tenant must not learn our network from it. */
class BlockedAddress extends Error {
  readonly code = 'blocked_address';
}

const BODY_BYTES_MAX = 16 * 1024;
const BODY_MS_MAX = 2000;
const HEAD_BYTES_MAX = 16 * 1024;
const KEPT_HEAD_BYTES_MAX = 4 * 1024;

export function openGuardedFetch({ allowHosts }: { allowHosts: string }): GuardedFetch {
  const allowed = parseAllowedHosts(allowHosts);
  const remoteIps = new Map<string, string>();
  const agent = new Agent({ connect: guardedConnector(remoteIps), connections: 50, maxHeaderSize: HEAD_BYTES_MAX });

  return {
    refusalOf: (url) => allowed.refusalOf(url),
    async post({ url, headers, body, timeoutMs }) {
      const stopwatch = startStopwatch();
      const failed = (code: FailureCode) => ({ kind: 'failed', code, durationMs: elapsed(stopwatch) }) as const;
      // Looked at again at each send: the list may have changed since the URL was saved.
      if (allowed.refusalOf(url) !== null) return failed('blocked_address');
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        const answer = await request(url, { method: 'POST', headers, body, dispatcher: agent, signal });
        const read = await readShortBody(answer.body);
        return {
          kind: 'answered',
          status: answer.statusCode,
          headers: keptHeaders(answer.headers),
          ...read,
          remoteIp: remoteIps.get(new URL(url).host) ?? null,
          durationMs: elapsed(stopwatch),
        };
      } catch (error) {
        return failed(signal.aborted ? 'timeout' : failureCodeOf(error));
      }
    },
    close: () => agent.destroy(),
  };
}

/** Checks the address where it cannot be swapped any more: literals, every answer of the resolver, the open socket. */
function guardedConnector(remoteIps: Map<string, string>): buildConnector.connector {
  const connect = buildConnector({ lookup: guardedLookup, allowH2: false });
  return (options, callback) => {
    const literal = options.hostname.replace(/^\[|\]$/g, '');
    if (isIP(literal) !== 0 && !isAllowedAddress(literal)) {
      callback(new BlockedAddress('address not allowed'), null);
      return;
    }
    connect(options, (...[error, socket]) => {
      if (error !== null) {
        callback(error, null);
      } else if (isAllowedAddress(socket.remoteAddress ?? '')) {
        remoteIps.set(options.host ?? options.hostname, socket.remoteAddress ?? '');
        callback(null, socket);
      } else {
        socket.destroy();
        callback(new BlockedAddress('address not allowed'), null);
      }
    });
  };
}

const guardedLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? [];
    if (error !== null) callback(error, '');
    // One bad answer refuses the host: which of them gets connected is not ours to choose.
    else if (first === undefined || addresses.some(({ address }) => !isAllowedAddress(address))) {
      callback(new BlockedAddress('address not allowed'), '');
    } else if (options.all === true) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

/** Enough of an answer to show what the receiver said. Its status has decided already, so no fault here matters. */
async function readShortBody(body: Dispatcher.ResponseData['body']): Promise<{ body: string; truncated: boolean }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let truncated = false;
  const cut = setTimeout(() => body.destroy(), BODY_MS_MAX);
  try {
    for await (const chunk of bytesOf(body)) {
      chunks.push(chunk);
      bytes += chunk.length;
      // Leaving the loop destroys the socket, which ends a body that would never end by itself.
      if (bytes > BODY_BYTES_MAX) break;
    }
  } catch {
    truncated = true;
  } finally {
    clearTimeout(cut);
  }
  const text = Buffer.concat(chunks).subarray(0, BODY_BYTES_MAX).toString('utf8');
  return { body: text.replaceAll('\0', '\u{FFFD}'), truncated: truncated || bytes > BODY_BYTES_MAX };
}

/** Without an encoding set, a stream of bytes gives nothing else. */
function bytesOf(body: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  return body;
}

function keptHeaders(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const kept: Record<string, string> = {};
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    const text = Array.isArray(value) ? value.join(', ') : (value ?? '');
    bytes += Buffer.byteLength(name) + Buffer.byteLength(text);
    if (bytes > KEPT_HEAD_BYTES_MAX) break;
    kept[name] = text;
  }
  return kept;
}

function elapsed(stopwatch: { elapsedMs(): number }): number {
  return Math.round(stopwatch.elapsedMs());
}
