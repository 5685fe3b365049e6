import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readStateFile, writeStateFile } from '#platform/embedded/state-file.ts';

/** The text that a file of the data directory keeps under a name: written once, the same ever after. */
function keptText(file: string, { name, make }: { name: string; make: () => string }): string {
  const kept = readStateFile(file) ?? {};
  const text = kept[name];
  if (typeof text === 'string') return text;
  const made = make();
  writeStateFile(file, { ...kept, [name]: made });
  return made;
}

/** Key ring for webhook secrets at rest and session tokens: lost keys would make both unreadable. */
export function keepSecretKeys(dataDir: string): string {
  return keptText(join(dataDir, 'secrets.json'), { name: 'BOB_SECRET_KEYS', make: newKey });
}

function newKey(): string {
  return `k1:${randomBytes(32).toString('base64')}`;
}

type PasswordVariable = 'BOB_OPERATOR_PASSWORD' | 'BOB_DEMO_PASSWORD';

/**
 * The password of an account that first data makes: the given one, else one made up. `logins.json` keeps what the
 * account was made with, so that a later start without the variable still prints the login that works.
 */
export function keepPassword(dataDir: string, { name, given }: { name: PasswordVariable; given?: string | undefined }) {
  const make = (): string => given ?? randomBytes(12).toString('base64url');
  const kept = keptText(join(dataDir, 'logins.json'), { name, make });
  return given ?? kept;
}
