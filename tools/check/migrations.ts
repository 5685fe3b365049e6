import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { startServers } from '../../test/setup/servers.ts';
import { createDatabase, MIGRATIONS } from '../../test/setup/template.ts';
import { walkMigrations } from './migration-walk.ts';
import { runCommand } from './run-command.ts';

const SQUAWK = fileURLToPath(new URL('squawk.toml', import.meta.url));

const servers = await startServers({ temporal: false });
const folder = await mkdtemp(join(tmpdir(), 'bob-migrations-'));
try {
  const url = await createDatabase({
    adminUrl: servers.adminUrl,
    name: `${servers.databasePrefix}_migrations_${process.pid}`,
  });
  // A folder as argument is for the test of this gate.
  const { faults, statements } = await walkMigrations({ url, directory: process.argv[2] ?? MIGRATIONS });
  for (const fault of faults) process.stdout.write(`${fault}\n`);

  for (const [name, sql] of statements) {
    const text = sql.map((statement) => `${statement.trim()};\n`).join('\n');
    await writeFile(join(folder, name.replace(/\.ts$/, '.sql')), text);
  }
  const squawk = await runCommand({ file: 'squawk', args: ['--config', SQUAWK, `${folder}/*.sql`] });
  if (!squawk.ok) process.stdout.write(squawk.output);
  process.exitCode = faults.length === 0 && squawk.ok ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
  await servers.stop();
}
