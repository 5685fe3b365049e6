import type { Knex } from 'knex';

import { completePolicy, type OperatorPolicy } from '#domain/operator-policy.ts';

/** The operator's policy in force; the published figures where none was ever set. */
export async function readOperatorPolicy(knex: Knex): Promise<OperatorPolicy> {
  const { rows } = await knex.raw<{ rows: { document: Partial<OperatorPolicy> }[] }>(
    `select policy_set.document from policy_set
     where policy_set.layer = 'operator' order by policy_set.version desc limit 1`,
  );
  return completePolicy(rows[0]?.document ?? {});
}
