import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { startSmtpServer, type SmtpServer } from '../test/fixtures/smtp-server.ts';
import { fixedClock } from './clock.ts';
import { createLogger } from './logger.ts';
import { createMailer, type Mailer } from './mail.ts';

const TEXT = 'Dzień dobry,\n\nhttps://x/#token=secret\n';
const MAIL = { to: 'anna@example.com', subject: 'Hasło dla Łucji', text: TEXT };
const clock = fixedClock(new Date('2026-03-01T12:00:00Z'));

let dataDir: string;
let lines: string[];
const closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'bob-mail-'));
  lines = [];
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await rm(dataDir, { recursive: true, force: true });
});

function logger() {
  return createLogger({ level: 'info', destination: { write: (line) => void lines.push(line) } });
}

function mailer(env: { SMTP_URL?: string; MAIL_FROM?: string } = {}, againAfterMs: number[] = []): Mailer {
  const made = createMailer({ env: { ...env, BOB_DATA_DIR: dataDir }, clock, logger: logger(), againAfterMs });
  closing.push(() => made.close());
  return made;
}

async function server(...given: Parameters<typeof startSmtpServer>): Promise<SmtpServer> {
  const started = await startSmtpServer(...given);
  closing.unshift(() => started.close());
  return started;
}

const logged = (text: string) => vi.waitFor(() => expect(lines.join('')).toContain(text), { timeout: 10_000 });
const order = { kind: 'test', write: async () => MAIL };

describe('without a mail server', () => {
  test('a mail is a file for its owner alone, and the log names the file', async () => {
    mailer().post(order);
    await logged('mail sent');
    const [name = ''] = readdirSync(join(dataDir, 'mail'));
    const path = join(dataDir, 'mail', name);
    expect(name).toMatch(/^2026-03-01T12-00-00-000Z-[0-9a-f-]{36}\.eml$/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const text = readFileSync(path, 'utf8');
    expect(text).toContain(`To: ${MAIL.to}\nSubject: ${MAIL.subject}\n`);
    expect(text.endsWith(`\n\n${MAIL.text}`)).toBe(true);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ kind: 'test', path });
    expect(lines.join('')).not.toMatch(/anna|secret|Dzie/);
  });

  test('a subject cannot add headers', async () => {
    const write = async () => ({ ...MAIL, subject: 'Hello\r\nBcc: everybody@example.com' });
    mailer().post({ kind: 'test', write });
    await logged('mail sent');
    const [name = ''] = readdirSync(join(dataDir, 'mail'));
    expect(readFileSync(join(dataDir, 'mail', name), 'utf8')).toContain('Subject: Hello Bcc: everybody@example.com\n');
  });

  test('where there is nothing to send, nothing is sent and nothing said', async () => {
    const one = mailer();
    one.post({ kind: 'test', write: async () => null });
    await one.close();
    expect(lines).toEqual([]);
  });

  test('what cannot be written is in the log, and nobody else hears of it', async () => {
    mailer().post({ kind: 'test', write: () => Promise.reject(new Error('no database')) });
    await logged('mail not written');
  });
});

describe('over SMTP', () => {
  const MAIL_FROM = 'Bob <bob@example.com>';

  test('a mail arrives with sender, recipient and text', async () => {
    const { url, mails } = await server();
    mailer({ SMTP_URL: url, MAIL_FROM }).post(order);
    await logged('mail sent');
    expect(mails).toHaveLength(1);
    expect(mails[0]?.to).toEqual([MAIL.to]);
    expect(mails[0]?.data).toContain('From: Bob <bob@example.com>');
    expect(readableText(mails[0]?.data ?? '')).toContain('https://x/#token=secret');
    expect(lines.join('')).not.toMatch(/anna|secret/);
  });

  test('what fails for a moment is tried again', async () => {
    const { url, mails } = await server((_to, nth) => (nth < 3 ? '451 anna@example.com is busy' : '250 ok'));
    mailer({ SMTP_URL: url, MAIL_FROM }, [1, 1, 1]).post(order);
    await logged('mail sent');
    expect(mails).toHaveLength(1);
    const tried = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(tried.map(({ msg }) => msg)).toEqual(['mail is tried again', 'mail is tried again', 'mail sent']);
    expect(tried[0]).toMatchObject({ tried: 1, failure: { code: 'EENVELOPE', status: 451 } });
    expect(lines.join('')).not.toContain('anna');
  });

  test('an address that does not exist is not tried again', async () => {
    let asked = 0;
    const { url } = await server(() => `550 no such user ${(asked += 1)}`);
    mailer({ SMTP_URL: url, MAIL_FROM }, [1, 1, 1]).post(order);
    await logged('mail not sent');
    expect([asked, lines.length]).toEqual([1, 1]);
  });

  test('a server that is away is given up after the last try', async () => {
    const { url, close } = await server();
    await close();
    mailer({ SMTP_URL: url, MAIL_FROM }, [1, 1]).post(order);
    await logged('mail not sent');
    expect(lines).toHaveLength(3);
  });

  test('closing does not wait for the next try', async () => {
    const { url, close } = await server();
    await close();
    const one = mailer({ SMTP_URL: url, MAIL_FROM }, [3_600_000]);
    one.post(order);
    await logged('mail is tried again');
    await one.close();
    expect(lines.at(-1)).toContain('mail not sent');
  });

  test('a server without a sender stops the start', () => {
    expect(() => mailer({ SMTP_URL: 'smtp://127.0.0.1:25' })).toThrow('MAIL_FROM');
  });
});

/** The body as a mail program shows it, whichever of the two encodings it came in. */
function readableText(data: string): string {
  const [head = '', ...rest] = data.split('\n\n');
  const body = rest.join('\n\n');
  if (/transfer-encoding: base64/i.test(head)) return Buffer.from(body, 'base64').toString('utf8');
  return body.replaceAll('=\n', '').replaceAll('=3D', '=');
}
