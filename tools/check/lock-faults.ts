import { z } from 'zod';

const LockedPackage = z.object({
  version: z.string().optional(),
  resolved: z.string().optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
});
type LockedPackage = z.infer<typeof LockedPackage>;

export const LockSchema = z.object({ packages: z.record(z.string(), LockedPackage) });
type Lock = z.infer<typeof LockSchema>;

/**
 * What `npm ci` on another machine would stumble over. npm drops platform packages it could not have in silence, and
 * the hole shows only where that platform is used.
 */
export function lockFaults({ packages }: Lock): string[] {
  const entries = Object.entries(packages);
  const names = new Set(entries.map(([path]) => nameOf(path)));
  const holes = entries.flatMap(([path, entry]) =>
    Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => !names.has(name))
      .map((name) => `hole: ${path === '' ? 'the project' : nameOf(path)} wants ${name}, which is not in the lock`),
  );
  const hosts = entries
    .filter(([, entry]) => entry.resolved !== undefined)
    .map(([path]) => `host name: ${nameOf(path)} says where it was loaded from`);
  return [...holes, ...hosts, ...copyFaults(entries)];
}

/** With two copies of either, Temporal's own classes no longer recognize each other. */
function copyFaults(entries: readonly (readonly [string, LockedPackage])[]): string[] {
  const protobufs = entries.filter(
    ([path, entry]) => nameOf(path) === 'protobufjs' && entry.version?.startsWith('8.') === true,
  );
  const temporal = new Set(
    entries.filter(([path]) => nameOf(path).startsWith('@temporalio/')).map(([, entry]) => entry.version),
  );
  const faults: string[] = [];
  if (protobufs.length !== 1) faults.push(`copies: ${protobufs.length} of protobufjs 8, expected one`);
  if (temporal.size !== 1) faults.push(`versions: ${temporal.size} of @temporalio packages, expected one`);
  return faults;
}

function nameOf(path: string): string {
  return path.slice(
    path.lastIndexOf('node_modules/') + 'node_modules/'.length * Number(path.includes('node_modules/')),
  );
}
