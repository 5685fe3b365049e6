import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export interface SourceFile {
  /** From the root of the project, with forward slashes. */
  path: string;
  text: string;
}

const CODE = /\.(ts|tsx|mts|mjs|cjs)$/;
const SKIPPED = new Set(['node_modules', 'coverage', 'dist', 'histories']);

/** Every file of our own code below a folder; hidden folders hold nothing of ours but data. */
export function sourceFiles(root: string): SourceFile[] {
  return readdirSync(root, { withFileTypes: true }).flatMap((entry) => walk(root, join(root, entry.name), entry));
}

function walk(root: string, path: string, entry: { name: string; isDirectory(): boolean }): SourceFile[] {
  if (!entry.isDirectory()) {
    return CODE.test(entry.name) ? [{ path: relative(root, path), text: readFileSync(path, 'utf8') }] : [];
  }
  if (entry.name.startsWith('.') || SKIPPED.has(entry.name)) return [];
  return readdirSync(path, { withFileTypes: true }).flatMap((child) => walk(root, join(path, child.name), child));
}
