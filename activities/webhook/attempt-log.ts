import { afterAttempt, type LaneHealth } from '#domain/webhooks/lane-health.ts';
import type { LaneRef } from '#domain/webhooks/lane-messages.ts';
import { recordAttempts, type LaneReport, type RecordedAttempt } from '#models/commands/record-attempts.ts';
import type { Knex } from 'knex';

const BATCH_MS = 20;
const BATCH_MAX = 50;

export interface AttemptLogOptions {
  knex: Knex;
  lane: LaneRef;
  token: string;
  health: LaneHealth;
  maxConcurrency: number;
  /** After each batch, for rows behind the recorded ones may go now. */
  onRecorded(): void;
}

export interface AttemptLog {
  add: (attempt: RecordedAttempt) => void;
  /** Writes what is left and waits for what is being written. Throws what a write threw. */
  flush(): Promise<void>;
  health(): LaneHealth;
  /** False once another slice has taken the lane, the endpoint said 410, or a write failed. */
  mayGoOn(): boolean;
}

/** Collects results for 20 ms or 50 of them and records each batch in one transaction, one after the other. */
export function openAttemptLog(options: AttemptLogOptions): AttemptLog {
  let health = options.health;
  let batch = emptyBatch();
  let going = true;
  let failure: { cause: unknown } | null = null;
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> = Promise.resolve();

  function writeSoon(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    writing = writing.then(write);
  }

  async function write(): Promise<void> {
    const { attempts, ...facts } = batch;
    if (attempts.length === 0 || failure !== null) return;
    batch = emptyBatch();
    const report: LaneReport = { ...facts, health };
    try {
      const kept = await recordAttempts(options.knex, options.lane, { token: options.token, attempts, report });
      if (!kept) going = false;
    } catch (error) {
      // The rows stay leased, so the attempts are made again: never sent but unlogged and counted.
      failure = { cause: error };
      going = false;
    }
    options.onRecorded();
  }

  return {
    add(attempt) {
      const news = attempt.verdict.lane;
      health = afterAttempt(health, news, options.maxConcurrency);
      batch.attempts.push(attempt);
      batch = { ...batch, ...laneFacts(batch, attempt) };
      if (news.kind === 'gone') going = false;
      if (batch.attempts.length >= BATCH_MAX) writeSoon();
      else timer ??= setTimeout(writeSoon, BATCH_MS);
    },
    async flush() {
      writeSoon();
      await writing;
      if (failure !== null) throw new Error('webhook attempts could not be recorded', failure);
    },
    health: () => health,
    mayGoOn: () => going,
  };
}

interface Batch extends Omit<LaneReport, 'health'> {
  attempts: RecordedAttempt[];
}

function emptyBatch(): Batch {
  return { attempts: [], succeeded: false, failuresSinceSuccess: 0, gone: false };
}

function laneFacts(batch: Batch, { verdict }: RecordedAttempt): Omit<Batch, 'attempts'> {
  switch (verdict.lane.kind) {
    case 'success':
      return { succeeded: true, failuresSinceSuccess: 0, gone: batch.gone };
    case 'failure':
    case 'gone':
      return {
        succeeded: batch.succeeded,
        failuresSinceSuccess: batch.failuresSinceSuccess + 1,
        gone: batch.gone || verdict.lane.kind === 'gone',
      };
    case 'park':
      return batch;
  }
}
