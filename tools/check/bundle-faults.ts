const BYTES_MAX = 2_000_000;
/** Folders of packages as webpack writes them into the bundle's module names. */
const UNWANTED = ['zod', 'knex', 'pg', 'koa', 'objection'];

/** A workflow bundle is loaded into every sandbox: it stays small, and nothing in it can have an effect. */
export function bundleFaults(code: string): string[] {
  const faults: string[] = [];
  const bytes = Buffer.byteLength(code);
  if (bytes > BYTES_MAX) faults.push(`bundle: ${bytes} bytes, at most ${BYTES_MAX}`);
  for (const name of UNWANTED) {
    if (code.includes(`/node_modules/${name}/`)) faults.push(`bundle: holds the package ${name}`);
  }
  return faults;
}
