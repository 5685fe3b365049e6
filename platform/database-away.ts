import { sqlStateOf } from './database.ts';

/** Not there, going down, starting, or without a free connection: the same request may work in a moment. */
const AWAY_STATES = new Set(['57P01', '57P02', '57P03', '53300', '08000', '08001', '08003', '08006']);
const AWAY_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);
const AWAY_TEXTS = [
  'Connection terminated',
  'timeout expired',
  'Timeout acquiring a connection',
  'Client has encountered a connection error',
];

/** Whether an error means that PostgreSQL cannot be reached, rather than that it refused what we asked. */
export function isDatabaseAway(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state !== null && (AWAY_STATES.has(state) || AWAY_CODES.has(state))) return true;
  return awayTextOf(error) !== undefined;
}

/** The driver's own words for a lost connection, without the statement that knex puts before them. */
export function awayTextOf(error: unknown): string | undefined {
  return AWAY_TEXTS.find((text) => error instanceof Error && error.message.includes(text));
}
