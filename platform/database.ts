import knexFactory, { type Knex } from 'knex';

import { prepareLongStatements } from './prepare-statements.ts';
import { TranslatedStatements } from './translated-statements.ts';

export interface DatabaseOptions {
  url: string;
  /** Shown in pg_stat_activity, so that an operator sees whose connections these are. */
  applicationName: string;
  poolMax: number;
  statementTimeoutMs?: number;
  /** How long a statement waits for a lock before it gives up; without it, as long as the statement may take. */
  lockTimeoutMs?: number;
  /** Only for data that may be lost in a crash, such as released chunks. */
  synchronousCommit?: 'on' | 'off';
}

/** A knex instance with its own pool. Connections are made when first needed and given back when idle. */
export function openDatabase(options: DatabaseOptions): Knex {
  const settings = [`statement_timeout=${options.statementTimeoutMs ?? 30_000}`, 'timezone=UTC'];
  if (options.lockTimeoutMs !== undefined) settings.push(`lock_timeout=${options.lockTimeoutMs}`);
  if (options.synchronousCommit !== undefined) settings.push(`synchronous_commit=${options.synchronousCommit}`);
  return knexFactory({
    client: TranslatedStatements,
    connection: {
      connectionString: options.url,
      application_name: options.applicationName,
      options: settings.map((setting) => `-c ${setting}`).join(' '),
      connectionTimeoutMillis: 5000,
    },
    log: QUIET,
    // knex puts the failed statement into the error: with its bindings, words of a conversation would travel in it.
    compileSqlOnError: false,
    pool: { min: 0, max: options.poolMax, acquireTimeoutMillis: 10_000, afterCreate: prepareLongStatements },
  });
}

const ignore = (): void => undefined;
/** knex would print what it throws as well, past our own log and with statements in it. */
const QUIET = { warn: ignore, error: ignore, deprecate: ignore, debug: ignore };

/** The SQLSTATE of a database error, or null for any other error. */
export function sqlStateOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (sqlStateOf(error) !== '23505') return false;
  return (
    constraint === undefined || (error instanceof Error && 'constraint' in error && error.constraint === constraint)
  );
}

const RETRIED_STATES = new Set(['40P01', '40001']);
const RETRY_MAX = 3;

/** Runs a whole transaction again after a deadlock or a serialization failure: PostgreSQL undid all of it. */
export async function retryOnConflict<T>(run: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await run();
    } catch (error) {
      const state = sqlStateOf(error);
      if (state === null || !RETRIED_STATES.has(state) || tried > RETRY_MAX) throw error;
    }
  }
}
