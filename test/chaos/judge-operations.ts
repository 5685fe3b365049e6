import { stringOf } from '../../bench/wire/parse-record.ts';
import type { ChatClient, Operation } from './chat-client.ts';

const ROWS_SHOWN = 3;
/** What a stored answer never changes. */
const KEPT = ['turn_id', 'message_id', 'seq', 'reply', 'outcome'] as const;
const AT_A_TIME = 16;

interface Judged {
  violations: string[];
  unknownsSettled: number;
}

/** Each operation is sent once more: what is stored must be what was said, and what was unknown must have one end. */
export async function judgeOperations(client: ChatClient, outcomes: readonly string[]): Promise<Judged> {
  const operations = [...client.operations];
  const faults: string[] = [];
  let unknownsSettled = 0;
  const settle = async (operation: Operation): Promise<void> => {
    const wasUnsure = operation.statuses.some((status) => status === 0);
    const fault = await faultOf(client, operation, outcomes);
    if (fault === null) unknownsSettled += wasUnsure ? 1 : 0;
    else faults.push(`${fault}: ${operation.key} got ${operation.statuses.join(' ')}`);
  };
  const waiting = operations.values();
  await Promise.all(
    Array.from({ length: AT_A_TIME }, async () => {
      for (const operation of waiting) await settle(operation);
    }),
  );
  const more = faults.length > ROWS_SHOWN ? [`and ${faults.length - ROWS_SHOWN} more answers`] : [];
  return { violations: [...faults.slice(0, ROWS_SHOWN), ...more], unknownsSettled };
}

async function faultOf(client: ChatClient, operation: Operation, outcomes: readonly string[]): Promise<string | null> {
  const said = operation.answer?.body ?? {};
  const wrong = wrongIn(operation, outcomes);
  if (wrong !== null) return wrong;
  const again = await client.sendAgain(operation).catch(() => null);
  if (again?.status !== 200) return `sent again: status ${again?.status ?? 0}`;
  const differs = KEPT.find((name) => again.body[name] !== said[name]);
  return differs === undefined ? null : `sent again: another ${differs}`;
}

function wrongIn({ state, answer, expects }: Operation, outcomes: readonly string[]): string | null {
  if (state !== 'ok') return `ended as ${state}`;
  const outcome = stringOf(answer?.body['outcome']);
  if (!outcomes.includes(outcome)) return `outcome ${outcome}`;
  return stringOf(answer?.body['reply']).includes(expects) ? null : `no "${expects}" in the reply`;
}
