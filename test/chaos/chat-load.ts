import { performance } from 'node:perf_hooks';

import { lettersOf } from '../../bench/load/letters-of.ts';
import { type ChatClient, type Operation, tokenIn } from './chat-client.ts';

export interface LoadShape {
  sessions: number;
  turnsPerSession: number;
  seconds: number;
  /** Letters only: tells this load from every other one. */
  name: string;
  /** Goes on until this is done, when the seconds are over before. */
  until?: Promise<unknown>;
  /** Words after the mark, such as a directive for the stub model. */
  extra?: (count: number) => string;
}

/** Conversations side by side; each sends its next message when the last answer is in, and re-sends what broke. */
export async function runChatLoad(client: ChatClient, shape: LoadShape): Promise<Operation[]> {
  const endMs = performance.now() + shape.seconds * 1000;
  let mustGoOn = shape.until !== undefined;
  const stop = (): void => {
    mustGoOn = false;
  };
  void shape.until?.then(stop, stop);
  const goesOn = (): boolean => mustGoOn || performance.now() < endMs;
  const operations: Operation[] = [];
  let count = 0;
  const converse = async (): Promise<void> => {
    while (goesOn()) {
      count += 1;
      await runSession(`${shape.name}-${lettersOf(count)}`);
    }
  };
  const runSession = async (name: string): Promise<void> => {
    let token: string | null = null;
    for (let turn = 1; turn <= shape.turnsPerSession && goesOn(); turn += 1) {
      const key = `${name}-${lettersOf(turn)}`;
      const message = messageOf(key, shape.extra?.(operations.length));
      // A directive may spoil the words, and a failed turn is missing from what the model sees later.
      const expects = shape.extra === undefined ? `seen:${turn} mark:${key}` : '';
      const call = { sessionId: `chaos-${name}`, key, message, token, expects };
      const operation: Operation = await client.chat(call);
      operations.push(operation);
      if (operation.state !== 'ok') return;
      token ??= tokenIn(operation.answer);
    }
  };
  await Promise.all(Array.from({ length: shape.sessions }, converse));
  return operations;
}

export function messageOf(mark: string, extra = ''): string {
  return `Please tell me that this question has arrived, mark:${mark}${extra === '' ? '' : ` ${extra}`}`;
}
