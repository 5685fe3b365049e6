import type { z } from 'zod';

/** A sentence for the person at the keyboard: what is not as the demo needs it, and what to do. */
export class CannotShow extends Error {
  override name = 'CannotShow';
}

export interface DemoCall {
  method?: 'GET' | 'POST' | 'DELETE';
  body?: object;
  headers?: Readonly<Record<string, string>>;
}

export interface DemoAnswer {
  status: number;
  headers: Headers;
  text: string;
}

const TIMEOUT_MS = 60_000;

/** Speaks to the running product as any program would: HTTP, JSON, a bearer token. */
export class DemoClient {
  readonly baseUrl: string;
  #token: string | null = null;

  constructor(baseUrl: string) {
    this.baseUrl = baseUrl;
  }

  signIn(token: string): void {
    this.#token = token;
  }

  async call(path: string, { method = 'GET', body, headers = {} }: DemoCall = {}): Promise<DemoAnswer> {
    const answer = await fetch(`${this.baseUrl}${path}`, {
      method,
      headers: {
        ...(this.#token === null ? {} : { authorization: `Bearer ${this.#token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((error: unknown) => {
      throw new CannotShow(`Bob does not answer at ${this.baseUrl}: start it with npm start. (${reasonOf(error)})`);
    });
    const text = await answer.text();
    if (!answer.ok) throw new CannotShow(`${method} ${path} answered ${answer.status}: ${text}`);
    return { status: answer.status, headers: answer.headers, text };
  }

  async read<Schema extends z.ZodType>(schema: Schema, path: string, call?: DemoCall): Promise<z.output<Schema>> {
    const { text } = await this.call(path, call);
    return schema.parse(JSON.parse(text));
  }
}

function reasonOf(error: unknown): string {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message;
  return String(cause);
}
