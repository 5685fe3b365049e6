import type { Knex } from 'knex';

/** What wrong passwords are counted against: an account, known or not, or an address; each by its hash. */
export interface SignInSubject {
  realm: string;
  subject: string;
  attemptMax: number;
}

export interface SignInAttempt {
  at: Date;
  id: string;
}

/** Those of one subject are counted one by one; by itself, so that the next statement sees what was committed. */
export async function lockSubject(
  trx: Knex,
  { realm, subject }: Pick<SignInSubject, 'realm' | 'subject'>,
): Promise<void> {
  await trx.raw(`select pg_advisory_xact_lock(hashtextextended(?, 0))`, [`${realm} ${subject}`]);
}

/** Takes one attempt out of the count: it was refused unseen, or its password was right. */
export async function uncountAttempt(
  knex: Knex,
  { subjects, attempt }: { subjects: readonly SignInSubject[]; attempt: SignInAttempt },
): Promise<void> {
  for (const { realm, subject } of subjects) {
    await knex.raw(`delete from sign_in_failure where realm = ? and subject = ? and at = ? and id = ?`, [
      realm,
      subject,
      attempt.at,
      attempt.id,
    ]);
  }
}

/** A right password forgives the wrong ones before it. */
export async function forgiveSubject(knex: Knex, { realm, subject }: SignInSubject): Promise<void> {
  await knex.raw(`delete from sign_in_failure where realm = ? and subject = ?`, [realm, subject]);
}
