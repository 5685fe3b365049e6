import type { Knex } from 'knex';

import { newUuid } from '#platform/new-id.ts';

import { lockSubject, type SignInAttempt, type SignInSubject } from '../sign-in-failure.ts';

/**
 * Counts an attempt as failed before the password is looked at. Those of one subject are counted one by one, so that
 * attempts sent at once cannot slip past the limit together. Returns when the window opens again for a subject over its
 * limit, or null.
 */
export async function countAttempt(
  knex: Knex,
  { subjects, since, at }: { subjects: readonly SignInSubject[]; since: Date; at: Date },
): Promise<{ attempt: SignInAttempt; oldestAt: Date | null }> {
  const attempt = { at, id: newUuid() };
  return knex.transaction(async (trx) => {
    let oldestAt: Date | null = null;
    // The account before the address, always: in two orders two attempts could wait for each other.
    for (const { realm, subject, attemptMax } of subjects) {
      await lockSubject(trx, { realm, subject });
      const { rows } = await trx.raw<{ rows: { earlier: number; oldest_at: Date }[] }>(COUNT, {
        ...attempt,
        realm,
        subject,
        since,
      });
      const [row] = rows;
      if (row !== undefined && row.earlier >= attemptMax) oldestAt = row.oldest_at;
    }
    return { attempt, oldestAt };
  });
}

// What is inserted here this statement does not see: it counts those before.
const COUNT = `
  with gone as (
    delete from sign_in_failure
    where sign_in_failure.realm = :realm and sign_in_failure.subject = :subject and sign_in_failure.at <= :since
  ), counted as (
    insert into sign_in_failure (realm, subject, at, id) values (:realm, :subject, :at, :id)
  )
  select count(*)::integer as earlier, min(sign_in_failure.at) as oldest_at from sign_in_failure
  where sign_in_failure.realm = :realm and sign_in_failure.subject = :subject and sign_in_failure.at > :since`;
