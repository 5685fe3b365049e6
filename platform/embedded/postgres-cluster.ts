import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fullDisk, tellsOfFullDisk } from './cannot-start.ts';
import { type Identity, reaches } from './server-identity.ts';

export interface ClusterHome {
  /** Our folder: state file, log, and the cluster in it. */
  folder: string;
  native: string;
  identity: Identity | null;
}

export interface ClusterPasswords {
  adminPassword: string;
  ownerPassword: string;
  password: string;
}

export function clusterFolder(folder: string): string {
  return join(folder, 'cluster');
}

/**
 * Where a server process stands and what it calls its data directory. Below a closed folder (root's home) the path is
 * barred to the user it runs as, but not the folder it already stands in.
 */
export function standing(cluster: string, identity: Identity | null): { cwd: string; dataDir: string } {
  if (reaches(identity, cluster)) return { cwd: '/', dataDir: cluster };
  return { cwd: cluster, dataDir: '/proc/self/cwd' };
}

/** Creates the cluster with its two roles and its database: whole, or not at all. */
export function ensureCluster(home: ClusterHome, passwords: ClusterPasswords): void {
  const cluster = clusterFolder(home.folder);
  const unfinished = `${cluster}.new`;
  // A killed creation leaves this; it was never served from.
  rmSync(unfinished, { recursive: true, force: true });
  if (existsSync(cluster)) {
    handOver(cluster, home.identity);
    return;
  }
  try {
    createCluster({ ...home, cluster: unfinished }, passwords);
    renameSync(unfinished, cluster);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw tellsOfFullDisk(error) ? fullDisk(home.folder) : error;
  }
}

function createCluster(home: ClusterHome & { cluster: string }, passwords: ClusterPasswords): void {
  const { cluster, identity } = home;
  mkdirSync(cluster, { mode: 0o700 });
  const passwordFile = join(cluster, '..', 'password.new');
  writeFileSync(passwordFile, `${passwords.adminPassword}\n`, { mode: 0o600 });
  if (identity !== null) {
    chownSync(cluster, identity.uid, identity.gid);
    chownSync(passwordFile, identity.uid, identity.gid);
  }
  const { cwd, dataDir } = standing(cluster, identity);
  try {
    const args = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--encoding=UTF8', '--auth=scram-sha-256'];
    const pwfile = cwd === '/' ? passwordFile : '../password.new';
    run(home, 'initdb', ['-D', dataDir, '-U', 'postgres', `--pwfile=${pwfile}`, '--no-instructions', ...args]);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  // One statement a line is what the single-user server reads. Nobody listens yet, so nobody meets a half-made cluster.
  run(home, 'postgres', ['--single', '-D', dataDir, 'postgres'], firstStatements(passwords));
}

/** The owner makes databases and owns tables; the product's role owns nothing and gets what migrations grant it. */
function firstStatements({ ownerPassword, password }: ClusterPasswords): string {
  return [
    `create role bob_owner login createdb password '${ownerPassword}'`,
    `create role bob login password '${password}'`,
    'create database bob owner bob_owner',
    '',
  ].join('\n');
}

function run(home: ClusterHome & { cluster: string }, program: string, args: string[], input = ''): void {
  const done = spawnSync(join(home.native, 'bin', program), args, {
    cwd: standing(home.cluster, home.identity).cwd,
    encoding: 'utf8',
    input,
    ...home.identity,
    ...(process.platform === 'win32' ? {} : { env: {} }),
  });
  if (done.error !== undefined) throw done.error;
  // The single-user server ends with 0 whatever its statements did.
  const failed = done.status !== 0 || /^.*\b(ERROR|FATAL|PANIC):/m.test(done.stderr);
  if (failed) throw new Error(`${program} failed: ${done.stderr.trim().slice(-2000)}`);
}

// Made by another user before (an ordinary one, or `nobody` before `postgres` was installed).
function handOver(cluster: string, identity: Identity | null): void {
  if (identity === null || statSync(cluster).uid === identity.uid) return;
  for (const entry of readdirSync(cluster, { recursive: true, encoding: 'utf8' })) {
    chownSync(join(cluster, entry), identity.uid, identity.gid);
  }
  chownSync(cluster, identity.uid, identity.gid);
}
