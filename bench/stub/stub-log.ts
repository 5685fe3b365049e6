import type { StubFault } from './stub-fault.ts';

export interface StubCall {
  id: string;
  atMs: number;
  model: string;
  stream: boolean;
  userMessages: number;
  mark: string | null;
  /** Start of the last user message. */
  message: string;
  fault: StubFault | null;
  ended: 'running' | 'answered' | 'aborted';
}

export interface StubStats {
  calls: number;
  /** Calls whose last user message had been seen before. */
  repeatedMessages: number;
  abortedCalls: number;
  runningCalls: number;
  faults: number;
  /** The newest calls, oldest first. */
  log: readonly StubCall[];
}

const LOG_LENGTH_MAX = 10_000;
const KEY_COUNT_MAX = 200_000;

/** Counts calls; all it keeps is bounded, so a long load does not fill the memory. */
export function createStubLog(): {
  countMessage(message: string): { withThisMessage: number; inAll: number };
  begin(call: Omit<StubCall, 'ended'>): StubCall;
  end(call: StubCall, ended: 'answered' | 'aborted'): void;
  stats(): StubStats;
  reset(): void;
} {
  const seen = new Map<string, number>();
  let counts = { calls: 0, repeatedMessages: 0, abortedCalls: 0, runningCalls: 0, faults: 0 };
  let log: StubCall[] = [];
  // Never set back: it numbers the calls, and two calls must not share an id.
  let inAll = 0;
  return {
    countMessage(message) {
      const withThisMessage = (seen.get(message) ?? 0) + 1;
      seen.set(message, withThisMessage);
      const oldest = seen.keys().next().value;
      if (seen.size > KEY_COUNT_MAX && oldest !== undefined) seen.delete(oldest);
      inAll += 1;
      counts.calls += 1;
      if (withThisMessage > 1) counts.repeatedMessages += 1;
      return { withThisMessage, inAll };
    },
    begin(call) {
      const started: StubCall = { ...call, ended: 'running' };
      counts.runningCalls += 1;
      if (call.fault !== null) counts.faults += 1;
      log.push(started);
      // Cut in large steps: shifting one by one would cost more than the call.
      if (log.length > 2 * LOG_LENGTH_MAX) log = log.slice(-LOG_LENGTH_MAX);
      return started;
    },
    end(call, ended) {
      if (call.ended !== 'running') return;
      call.ended = ended;
      counts.runningCalls -= 1;
      if (ended === 'aborted') counts.abortedCalls += 1;
    },
    stats: () => ({ ...counts, log: log.slice(-LOG_LENGTH_MAX) }),
    reset() {
      seen.clear();
      log = [];
      counts = { calls: 0, repeatedMessages: 0, abortedCalls: 0, runningCalls: counts.runningCalls, faults: 0 };
    },
  };
}
