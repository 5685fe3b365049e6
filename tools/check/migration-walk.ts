import knexFactory, { type Knex } from 'knex';
import { z } from 'zod';

import { describeSchema } from './describe-schema.ts';

interface Walk {
  faults: string[];
  /** What each migration sent on its way up, without knex's own bookkeeping. */
  statements: Map<string, string[]>;
}

const UpResult = z.tuple([z.number(), z.array(z.string())]);
const BOOKKEEPING = /knex_migrations|^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b/i;

/** Up, down and up again, one migration at a time: down leaves nothing, and the second up makes the same schema. */
export async function walkMigrations({ url, directory }: { url: string; directory: string }): Promise<Walk> {
  const knex = knexFactory({
    client: 'pg',
    connection: url,
    pool: { min: 0, max: 2 },
    migrations: { directory, loadExtensions: ['.ts'] },
  });
  try {
    const statements = await climb(knex);
    const first = await describeSchema(knex);
    for (let left = statements.size; left > 0; left -= 1) await knex.migrate.down();
    const faults = (await describeSchema(knex)).map((line) => `down leaves: ${line}`);
    if (faults.length > 0) return { faults, statements };

    await climb(knex);
    const second = new Set(await describeSchema(knex));
    faults.push(...first.filter((line) => !second.delete(line)).map((line) => `second up misses: ${line}`));
    faults.push(...[...second].map((line) => `second up adds: ${line}`));
    return { faults, statements };
  } finally {
    await knex.destroy();
  }
}

async function climb(knex: Knex): Promise<Map<string, string[]>> {
  const statements = new Map<string, string[]>();
  let said: string[] = [];
  const listen = ({ sql }: { sql: string }): void => {
    if (!BOOKKEEPING.test(sql)) said.push(sql);
  };
  knex.on('query', listen);
  for (;;) {
    said = [];
    // knex returns the batch and the files it ran; none means that the top is reached.
    const name = UpResult.parse(await knex.migrate.up())[1][0];
    if (name === undefined) break;
    statements.set(name.slice(name.lastIndexOf('/') + 1), said);
  }
  knex.removeListener('query', listen);
  return statements;
}
