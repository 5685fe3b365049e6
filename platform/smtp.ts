import { createTransport } from 'nodemailer';

import type { Deliver } from './letter.ts';

const CONNECTION_TIMEOUT_MS = 10_000;
const SOCKET_TIMEOUT_MS = 30_000;

/** Hands a mail to the server; a silent one is given up, for the package would wait minutes. */
export function mailServer(url: string): Deliver {
  const server = createTransport({
    url,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    greetingTimeout: CONNECTION_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    // A mail is its text: nothing in it may make us open a file or an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return async ({ from, to, subject, text }) => {
    // As an object the address is never taken apart into several.
    await server.sendMail({ from, to: { name: '', address: to }, subject, text });
    return {};
  };
}

/** Codes only: servers repeat the address in their sentences. */
export function mailFailureOf(error: unknown): { type: string; code?: string; status?: number } {
  if (!(error instanceof Error)) return { type: typeof error };
  return {
    type: error.name,
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    ...('responseCode' in error && typeof error.responseCode === 'number' ? { status: error.responseCode } : {}),
  };
}

const REFUSED_FOR_GOOD = 500;

/** Refused for good (RFC 5321 section 4.2.1): the same mail would be refused again. */
export function isRefusedForGood(error: unknown): boolean {
  return (mailFailureOf(error).status ?? 0) >= REFUSED_FOR_GOOD;
}
