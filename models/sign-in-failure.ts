import { newUuid } from '#platform/new-id.ts';
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

/**
 * Counts an attempt as failed before the password is looked at, so that attempts sent at once cannot slip past the
 * limit together. Returns when the window opens again for a subject over its limit, or null.
 */
export async function countAttempt(
  knex: Knex,
  { subjects, since, at }: { subjects: readonly SignInSubject[]; since: Date; at: Date },
): Promise<{ attempt: SignInAttempt; oldestAt: Date | null }> {
  const attempt = { at, id: newUuid() };
  let oldestAt: Date | null = null;
  for (const { realm, subject, attemptMax } of subjects) {
    await knex.raw(`delete from sign_in_failure where realm = ? and subject = ? and at <= ?`, [realm, subject, since]);
    await knex.raw(`insert into sign_in_failure (realm, subject, at, id) values (?, ?, ?, ?)`, [
      realm,
      subject,
      at,
      attempt.id,
    ]);
    const { rows } = await knex.raw<{ rows: { earlier: number; oldest_at: Date }[] }>(
      `select count(*)::int as earlier, min(f.at) as oldest_at from sign_in_failure f
       where f.realm = ? and f.subject = ? and (f.at, f.id) < (?::timestamptz, ?::uuid)`,
      [realm, subject, at, attempt.id],
    );
    const [row] = rows;
    if (row !== undefined && row.earlier >= attemptMax) oldestAt = row.oldest_at;
  }
  return { attempt, oldestAt };
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
