import { execFileSync, spawnSync } from 'node:child_process';

export interface Identity {
  uid: number;
  gid: number;
}

/** PostgreSQL refuses to run as root; as anyone else it runs as we do (null). */
export function serverIdentity(): Identity | null {
  if (process.getuid?.() !== 0) return null;
  const identity = identityOf('postgres') ?? identityOf('nobody');
  if (identity === null) throw new Error('Neither a user postgres nor a user nobody exists to run PostgreSQL as.');
  return identity;
}

function identityOf(user: string): Identity | null {
  try {
    return { uid: idOf('-u', user), gid: idOf('-g', user) };
  } catch {
    return null;
  }
}

function idOf(flag: '-u' | '-g', user: string): number {
  return Number.parseInt(
    execFileSync('id', [flag, user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    10,
  );
}

/** Whether that user gets to a path: asked of the system, since folders above it, groups and ACLs all have a say. */
export function reaches(identity: Identity | null, path: string): boolean {
  if (identity === null) return true;
  const asked = spawnSync('/bin/sh', ['-c', 'test -r "$1" && test -x "$1"', 'sh', path], {
    ...identity,
    cwd: '/',
    env: {},
    stdio: 'ignore',
  });
  return asked.status === 0;
}
