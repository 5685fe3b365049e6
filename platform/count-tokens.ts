import { Worker } from 'node:worker_threads';

import type { TokenCount, TokenCountAsked } from './count-tokens-thread.ts';

interface Waiting {
  resolve(tokens: number): void;
  reject(error: unknown): void;
}

const waiting = new Map<number, Waiting>();
let thread: Worker | null = null;
let asked = 0;

/**
 * Tokens of a text, for an answer whose usage was never sent. Counted by a thread of its own, begun with the first use:
 * the tokenizer's tables are large, and a process that loads them does nothing else for a fifth of a second.
 */
export function countTokens(text: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  asked += 1;
  waiting.set(asked, { resolve, reject });
  thread ??= startThread();
  thread.ref();
  thread.postMessage({ id: asked, text } satisfies TokenCountAsked, []);
  return promise;
}

function startThread(): Worker {
  const started = new Worker(new URL('count-tokens-thread.ts', import.meta.url));
  started.on('message', ({ id, tokens }: TokenCount) => {
    waiting.get(id)?.resolve(tokens);
    waiting.delete(id);
    // A process that has nothing else to do may end.
    if (waiting.size === 0) started.unref();
  });
  started.on('error', (error) => {
    thread = null;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  });
  return started;
}
