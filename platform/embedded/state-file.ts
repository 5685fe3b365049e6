import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** A small JSON file of the data directory, readable by its owner only, and replaced whole or not at all. */
export function writeStateFile(file: string, state: unknown): void {
  // 0711: the user that PostgreSQL runs as must pass through, not look around.
  mkdirSync(dirname(file), { recursive: true, mode: 0o711 });
  const beside = `${file}.${process.pid}.new`;
  writeFileSync(beside, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  chmodSync(beside, 0o600);
  renameSync(beside, file);
}

/** The file's object, or null when there is none (or an unreadable one, which is then written anew). */
export function readStateFile(file: string): Record<string, unknown> | null {
  try {
    const state: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isObject(state) ? state : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
