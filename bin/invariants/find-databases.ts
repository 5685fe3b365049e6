import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Said to the person at the keyboard; the exit is 2. */
export class CannotCheck extends Error {
  override name = 'CannotCheck';
}

interface Given {
  /** From the command line: they come first. */
  urls: readonly string[];
  databaseUrl: string | undefined;
  dataDir: string;
}

/** The databases to look at: those named, else `DATABASE_URL`, else the one of the `bob up` that runs here. */
export async function findDatabases({ urls, databaseUrl, dataDir }: Given): Promise<string[]> {
  if (urls.length > 0) return [...urls];
  return [databaseUrl ?? (await embeddedUrl(dataDir))];
}

/** As the owner: the product's own role may not read everything. */
async function embeddedUrl(dataDir: string): Promise<string> {
  const file = join(dataDir, 'postgres', 'postgres.json');
  const state = await readFile(file, 'utf8').catch(() => null);
  if (state === null) {
    throw new CannotCheck(
      `No database to check: give DATABASE_URL, or start Bob first (npm start). ${file} is missing.`,
    );
  }
  const { port, ownerPassword } = parseState(state);
  if (typeof port !== 'number' || typeof ownerPassword !== 'string') throw new CannotCheck(`${file} is damaged.`);
  return `postgres://bob_owner:${ownerPassword}@127.0.0.1:${port}/bob`;
}

function parseState(text: string): { port?: unknown; ownerPassword?: unknown } {
  try {
    const state: unknown = JSON.parse(text);
    return typeof state === 'object' && state !== null ? { ...state } : {};
  } catch {
    return {};
  }
}
