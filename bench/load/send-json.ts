import { Agent, request as httpRequest } from 'node:http';
import { type JsonRecord, parseRecord } from '../wire/parse-record.ts';

export interface JsonAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: JsonRecord;
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
          const parts: Buffer[] = [];
          response.on('data', (part: Buffer) => parts.push(part));
          response.once('error', reject);
          response.once('end', () => {
            const answer = Buffer.concat(parts).toString('utf8');
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parseRecord(answer) });
          });
        });
        request.end(text);
      });
    },
    close: () => agent.destroy(),
  };
}
