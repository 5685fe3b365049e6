import { connect } from 'node:net';
import pg from 'pg';
import { CannotStart } from './cannot-start.ts';

const TIMEOUT_MS = 5000;
const POSTGRES_VERSION_MIN = 160_000;

/** A database of your own, asked once before anything starts. The sentence names the variable, never the password. */
export async function checkDatabase(variable: string, url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: TIMEOUT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string }>(`select current_setting('server_version_num') as version`);
    if (Number(rows[0]?.version) < POSTGRES_VERSION_MIN) throw new Error('PostgreSQL 16 or newer is needed');
  } catch (error) {
    throw new CannotStart(`${variable}: no use can be made of the database at ${placeOf(url)}: ${reasonOf(error)}`);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Only whether somebody listens; what they say is the business of the first real call. */
export async function checkAddress(variable: string, address: string): Promise<void> {
  const { hostname, port } = new URL(`tcp://${address}`);
  try {
    await reach(hostname.replace(/^\[|\]$/g, ''), Number(port));
  } catch (error) {
    throw new CannotStart(`${variable}: nothing answers at ${address}: ${reasonOf(error)}`);
  }
}

function reach(host: string, port: number): Promise<void> {
  const socket = connect({ host, port, timeout: TIMEOUT_MS });
  const reached = new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve());
    socket.once('error', reject);
    socket.once('timeout', () => reject(new Error('no answer within 5 s')));
  });
  return reached.finally(() => socket.destroy());
}

function placeOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return error.message === '' ? code : error.message;
}
