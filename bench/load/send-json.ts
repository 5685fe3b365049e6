import { Agent, request as httpRequest } from 'node:http';
import { performance } from 'node:perf_hooks';
import { readEventStream, type StreamEvent } from '../wire/event-stream.ts';
import { type JsonRecord, parseRecord } from '../wire/parse-record.ts';

export interface JsonAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Empty when the answer was a stream. */
  body: JsonRecord;
  /** What came as an event stream, each with the time of its arrival. */
  events: readonly StreamEvent[];
}

export interface JsonClient {
  post(url: string, call: { body: object; headers: Record<string, string>; timeoutMs: number }): Promise<JsonAnswer>;
  close(): void;
}

/** node:http with kept connections: a load generator must cost less than what it measures. */
export function createJsonClient(): JsonClient {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  return {
    post(url, { body, headers, timeoutMs }) {
      const text = JSON.stringify(body);
      return new Promise((resolve, reject) => {
        const request = httpRequest(url, {
          method: 'POST',
          agent,
          headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers },
          signal: AbortSignal.timeout(timeoutMs),
        });
        request.once('error', reject);
        request.once('response', (response) => {
          const { statusCode: status = 0, headers: answered } = response;
          const isStream = answered['content-type']?.startsWith('text/event-stream') ?? false;
          const events: StreamEvent[] = [];
          const parts: string[] = [];
          const take = readEventStream((event) => events.push(event), performance.now.bind(performance));
          // Decoded by the stream, so that a letter torn over two packets stays whole.
          response.setEncoding('utf8').on('data', (part: string) => (isStream ? take(part) : parts.push(part)));
          response.once('error', reject);
          response.once('end', () => resolve({ status, headers: answered, body: parseRecord(parts.join('')), events }));
        });
        request.end(text);
      });
    },
    close: () => agent.destroy(),
  };
}
