import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { CannotStart } from './cannot-start.ts';
import { type ClusterPasswords, clusterFolder } from './postgres-cluster.ts';
import { readStateFile } from './state-file.ts';

/** What must be known again at the next start. */
export interface PostgresState extends ClusterPasswords {
  /** 0: none was used yet. */
  port: number;
  nativeCopy: string | null;
  /** The mark of the server started last. */
  process: string | null;
}

export function readPostgresState(stateFile: string, folder: string): PostgresState {
  const kept = readStateFile(stateFile) ?? {};
  const text = (name: string): string | null => (typeof kept[name] === 'string' ? kept[name] : null);
  if (text('ownerPassword') === null && existsSync(clusterFolder(folder))) {
    throw new CannotStart(`${stateFile} with the passwords of the database beside it is missing or damaged.`);
  }
  return {
    adminPassword: text('adminPassword') ?? newPassword(),
    ownerPassword: text('ownerPassword') ?? newPassword(),
    password: text('password') ?? newPassword(),
    port: typeof kept['port'] === 'number' ? kept['port'] : 0,
    nativeCopy: text('nativeCopy'),
    process: text('process'),
  };
}

// Hexadecimal: stands in a URL and in a statement as it is.
function newPassword(): string {
  return randomBytes(24).toString('hex');
}
