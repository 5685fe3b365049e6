import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Clock } from './clock.ts';
import type { Deliver, Letter } from './letter.ts';

/** Where no mail server is: each mail is a file that only its owner reads, for it may open an account. */
export function mailFile({ dataDir, clock }: { dataDir: string; clock: Clock }): Deliver {
  const folder = join(dataDir, 'mail');
  return async (letter) => {
    const at = clock.now();
    const path = join(folder, `${at.toISOString().replaceAll(/[:.]/g, '-')}-${letter.id}.eml`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(path, messageOf(letter, at), { mode: 0o600, flag: 'wx' });
    return { path };
  };
}

/** A message as mail programs open it (RFC 5322 with RFC 6532), unfolded and unencoded so that people read it too. */
function messageOf({ id, from, to, subject, text }: Letter, at: Date): string {
  const headers = {
    From: from,
    To: to,
    Subject: subject,
    Date: at.toUTCString().replace('GMT', '+0000'),
    'Message-ID': `<${id}@bob.localhost>`,
    'MIME-Version': '1.0',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Transfer-Encoding': '8bit',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value.replaceAll(/[\r\n]+/g, ' ')}`);
  return `${lines.join('\n')}\n\n${text}`;
}
