import { setTimeout as sleep } from 'node:timers/promises';

import { createBoundedRun } from './bounded-run.ts';
import type { Clock } from './clock.ts';
import { ConfigurationError, type Env } from './env.ts';
import type { Letter, Mail } from './letter.ts';
import type { Logger } from './logger.ts';
import { mailFile } from './mail-file.ts';
import { newUuid } from './new-id.ts';
import { isRefusedForGood, mailFailureOf, mailServer } from './smtp.ts';

export interface MailOrder {
  /** What it is about, for the log. */
  kind: string;
  /** Finds out whether there is something to send; it runs after the caller was answered. */
  write(): Promise<Mail | null>;
}

export interface Mailer {
  /** Returns at once and never fails: an answer neither waits for a mail server nor tells how it went. */
  post(order: MailOrder): void;
  /** Waits a moment for what is under way; what waits for another try is given up. */
  close(): Promise<void>;
}

export interface MailerOptions {
  env: Pick<Env, 'SMTP_URL' | 'MAIL_FROM' | 'BOB_DATA_DIR'>;
  clock: Clock;
  logger: Logger;
  againAfterMs?: readonly number[];
}

const AGAIN_AFTER_MS = [1000, 15_000, 120_000];
const RUNNING_MAX = 4;
const WAITING_MAX = 1000;
const CLOSE_MS = 5000;
const DEFAULT_FROM = 'Bob <bob@localhost>';

/** Mails go to the server of `SMTP_URL`, or into files of the data directory where none is named. */
export function createMailer({ env, clock, logger, againAfterMs = AGAIN_AFTER_MS }: MailerOptions): Mailer {
  const { SMTP_URL: url, MAIL_FROM: from = DEFAULT_FROM } = env;
  if (url !== undefined && env.MAIL_FROM === undefined) {
    throw new ConfigurationError('MAIL_FROM: expected the sender of mails, because SMTP_URL is set');
  }
  const deliver = url === undefined ? mailFile({ dataDir: env.BOB_DATA_DIR, clock }) : mailServer(url);
  const bounded = createBoundedRun({ runningMax: RUNNING_MAX, waitingMax: WAITING_MAX });
  const closing = new AbortController();
  const underWay = new Set<Promise<void>>();

  async function carry({ kind, write }: MailOrder): Promise<void> {
    const id = newUuid();
    const log = logger.child({ mail: id, kind });
    const mail = await bounded(write).catch((error: unknown) => {
      log.error({ error }, 'mail not written');
      return null;
    });
    if (mail !== null) await send({ ...mail, id, from }, log);
  }

  async function send(letter: Letter, log: Logger): Promise<void> {
    for (let tried = 1; ; tried += 1) {
      try {
        log.info(await bounded(() => deliver(letter)), 'mail sent');
        return;
      } catch (error) {
        const waitMs = againAfterMs[tried - 1];
        const facts = { tried, failure: mailFailureOf(error) };
        if (waitMs === undefined || isRefusedForGood(error)) return log.error(facts, 'mail not sent');
        log.warn(facts, 'mail is tried again');
        if (!(await hasWaited(waitMs))) return log.error(facts, 'mail not sent');
      }
    }
  }

  /** False where this process stops meanwhile. */
  async function hasWaited(ms: number): Promise<boolean> {
    const waited = sleep(ms, true, { signal: closing.signal, ref: false });
    return waited.catch(() => false);
  }

  return {
    post(order) {
      const carried = carry(order).finally(() => underWay.delete(carried));
      underWay.add(carried);
    },
    async close() {
      closing.abort();
      await Promise.race([Promise.all(underWay), sleep(CLOSE_MS, undefined, { ref: false })]);
    },
  };
}
