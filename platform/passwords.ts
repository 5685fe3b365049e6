import { hash, verify } from '@node-rs/argon2';

import { createBoundedRun } from './bounded-run.ts';

/** Each run takes 19 MiB and one of libuv's four threads: more at once would starve the rest of the process. */
const bounded = createBoundedRun({ runningMax: 3, waitingMax: 200 });

/** Argon2id with the library's defaults (19 MiB, two passes), the first choice of the OWASP password storage sheet. */
export async function hashPassword(plain: string): Promise<string> {
  return bounded(() => hash(plain.normalize('NFC')));
}

export async function verifyPassword({ stored, plain }: { stored: string; plain: string }): Promise<boolean> {
  return bounded(() => verify(stored, plain.normalize('NFC')));
}
