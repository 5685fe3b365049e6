import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Where the migrations stand, for whoever runs them. */
export const migrationsDirectory = fileURLToPath(new URL('../migrations/', import.meta.url));

/** The migrations this release comes with, by file name, as the database records them. */
export async function migrationFiles(): Promise<string[]> {
  const names = await readdir(migrationsDirectory);
  return names.filter((name) => /^\d{4}_[\w-]+\.ts$/.test(name)).toSorted();
}
