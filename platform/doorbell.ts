import type { Knex } from 'knex';
import pg from 'pg';

import type { Logger } from './logger.ts';

/**
 * What a ring is about. The payload is ids only; whoever hears it reads the row. `turn_done`: turn and session, one
 * blank between. `reply_chunk`: the turn. `turn_stop`: a session whose running turn should look whether it may go on.
 * `session_changed`: a session with a new owner, message or note. `webhook_due`: an endpoint.
 */
export type BellChannel = 'turn_done' | 'turn_stop' | 'reply_chunk' | 'session_changed' | 'webhook_due';

export interface Doorbell {
  ring(channel: BellChannel, payload: string): void;
  /** Resolves when everything rung so far has been sent. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

const COALESCE_MS = 10;

export interface DoorbellOptions {
  knex: Knex;
  logger: Logger;
  /** Hears each ring in this process too, at once and without the database. */
  beside?: (channel: BellChannel, payload: string) => void;
}

/**
 * Rings are collected for 10 ms and sent in one statement on a connection of their own. Never inside a domain
 * transaction: commits that carry a notification queue on one instance-wide lock until their WAL is flushed.
 */
export function openDoorbell({ knex, logger, beside }: DoorbellOptions): Doorbell {
  let waiting = new Map<string, [BellChannel, string]>();
  let timer: NodeJS.Timeout | null = null;
  let sending: Promise<void> = Promise.resolve();

  async function send(): Promise<void> {
    timer = null;
    const rings = [...waiting.values()];
    waiting = new Map();
    if (rings.length === 0) return;
    const values = rings.map(() => 'pg_notify(?, ?)').join(', ');
    try {
      await knex.raw(`select ${values}`, rings.flat());
    } catch (error) {
      // A lost ring costs its hearer one poll, never a fact.
      logger.warn({ error, rings: rings.length }, 'doorbell not heard');
    }
  }

  function flush(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    sending = sending.then(send);
    return sending;
  }

  return {
    ring(channel, payload) {
      beside?.(channel, payload);
      waiting.set(`${channel} ${payload}`, [channel, payload]);
      // Rare, and each moment that it waits is paid for at the model.
      if (channel === 'turn_stop') void flush();
      else timer ??= setTimeout(() => void flush(), COALESCE_MS);
    },
    flush,
    close: flush,
  };
}

export interface ListenOptions {
  url: string;
  channels: readonly BellChannel[];
  onRing(channel: BellChannel, payload: string): void;
  logger: Logger;
}

export interface Listening {
  /** Resolves when the first connection listens. */
  ready: Promise<void>;
  close(): Promise<void>;
}

const RECONNECT_MS = 500;

/** One session connection that listens, and comes back when it is cut. Hearers poll too, so a gap costs a second. */
export function listen(options: ListenOptions): Listening {
  let client: pg.Client | null = null;
  let closed = false;
  let timer: NodeJS.Timeout | null = null;
  const { promise: ready, resolve: markReady } = Promise.withResolvers<void>();

  async function connect(): Promise<void> {
    const next = new pg.Client({ connectionString: options.url, application_name: 'bob-listen', keepAlive: true });
    client = next;
    next.on('error', () => void next.end().catch(() => null));
    next.on('end', () => reconnectLater(next));
    next.on('notification', ({ channel, payload }) => {
      const known = options.channels.find((name) => name === channel);
      if (known !== undefined) options.onRing(known, payload ?? '');
    });
    try {
      await next.connect();
      for (const channel of options.channels) await next.query(`listen ${channel}`);
      markReady();
    } catch (error) {
      options.logger.warn({ error }, 'listening connection lost, trying again');
      await next.end().catch(() => null);
      reconnectLater(next);
    }
  }

  function reconnectLater(from: pg.Client): void {
    if (closed || client !== from || timer !== null) return;
    timer = setTimeout(() => {
      timer = null;
      void connect();
    }, RECONNECT_MS);
  }

  void connect();
  return {
    ready,
    async close() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      await client?.end().catch(() => null);
    },
  };
}
