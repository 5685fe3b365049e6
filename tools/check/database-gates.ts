import { databaseUrl } from '../../test/setup/database-url.ts';
import { databasesOf } from '../../test/setup/template.ts';
import type { Gate } from './gate.ts';
import { runCommand } from './run-command.ts';

/** Every migration goes up, down and up again on a real database, and its statements pass squawk. */
export const migrationsGate: Gate = {
  name: 'migrations',
  async run(context) {
    const { adminUrl, databasePrefix } = await context.servers();
    const env = { TEST_DATABASE_URL: adminUrl, TEST_DATABASE_PREFIX: databasePrefix };
    return runCommand({ file: 'node', args: ['tools/check/migrations.ts'], env });
  },
};

/** The ten invariants, on each database that a test let whole turns run on and kept. */
export const invariantsGate: Gate = {
  name: 'invariants',
  async run(context) {
    const { adminUrl, databasePrefix } = await context.servers();
    const kept = await databasesOf({ adminUrl, prefix: `${databasePrefix}_kept_` });
    const failures: string[] = kept.length === 0 ? ['No test kept a database: nothing was checked.'] : [];
    for (const name of kept) {
      const env = { DATABASE_URL: databaseUrl(adminUrl, name) };
      const result = await runCommand({ file: 'node', args: ['bin/check-invariants.ts'], env });
      if (!result.ok) failures.push(`${name}\n${result.output}`);
    }
    return { ok: failures.length === 0, output: failures.join('\n') };
  },
};
