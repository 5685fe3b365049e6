import { parseArgs } from 'node:util';

import { readProcessEnv } from '#platform/env.ts';

import { checkUntilSettled, isSound } from './invariants/check-until-settled.ts';
import { CannotCheck, findDatabases } from './invariants/find-databases.ts';
import { printVerdicts } from './invariants/print-verdicts.ts';

const USAGE = `usage: npm run check:invariants -- [--settled SECONDS] [postgres://… …]

Checks what must hold of every conversation, charge and event: on the databases named, else on DATABASE_URL, else on the
one of the \`bob up\` that runs here. --settled: everything has ended, too; waits up to SECONDS for it.
Exit 0: all hold, 1: something is broken, 2: a database could not be read.
`;

async function main(): Promise<number> {
  const options = { settled: { type: 'string' }, help: { type: 'boolean' } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (values.help === true) {
    process.stdout.write(USAGE);
    return 0;
  }
  const settledWithinMs = values.settled === undefined ? null : Number(values.settled) * 1000;
  if (Number.isNaN(settledWithinMs)) throw new CannotCheck('--settled takes a number of seconds.');
  const env = readProcessEnv();
  const given = {
    urls: positionals,
    databaseUrl: env.DATABASE_OWNER_URL ?? env.DATABASE_URL,
    dataDir: env.BOB_DATA_DIR,
  };
  let sound = true;
  for (const url of await findDatabases(given)) {
    const verdicts = await checkUntilSettled(url, settledWithinMs);
    process.stdout.write(`${new URL(url).host}${new URL(url).pathname}\n${printVerdicts(verdicts)}`);
    sound &&= isSound(verdicts);
  }
  return sound ? 0 : 1;
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof CannotCheck ? error.message : String(error)}\n`);
  return 2;
});
