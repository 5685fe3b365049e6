import { sqlStateOf } from './database.ts';

/** Not there, going down, starting, a copy, or without a free connection: the same request may work in a moment. */
const AWAY_STATES = new Set(['57P01', '57P02', '57P03', '57P05', '53300', '25006', '08000', '08001', '08003', '08006']);
const AWAY_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
const AWAY_TEXTS = [
  'Connection terminated',
  'timeout expired',
  'Timeout acquiring a connection',
  'Client has encountered a connection error',
  'Client was closed and is not queryable',
];

/**
 * PostgreSQL undid the statement for want of time, of a lock or of room: cancelled, lock not granted, deadlock,
 * conflict with another transaction, disk or memory full.
 */
const BUSY_STATES = new Set(['57014', '55P03', '40P01', '40001', '53100', '53200']);

/** Whether an error means that PostgreSQL cannot be reached, rather than that it refused what we asked. */
export function isDatabaseAway(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state !== null && (AWAY_STATES.has(state) || AWAY_CODES.has(state))) return true;
  return awayTextOf(error) !== undefined;
}

/** Whether an error means that PostgreSQL took back what we asked for a reason that passes. */
export function isDatabaseBusy(error: unknown): boolean {
  return BUSY_STATES.has(sqlStateOf(error) ?? '');
}

/** The driver's own words for a lost connection, without the statement that knex puts before them. */
export function awayTextOf(error: unknown): string | undefined {
  return AWAY_TEXTS.find((text) => error instanceof Error && error.message.includes(text));
}
