import type { Knex } from 'knex';

import { newUuid } from '#platform/new-id.ts';

import { lockSubject } from '../sign-in-failure.ts';

export interface CountedRequest {
  /** What is counted, and against whom; the latter by its hash. */
  realm: string;
  subject: string;
  max: number;
  since: Date;
  at: Date;
}

export interface RequestCount {
  /** How many came in the window before this one. */
  taken: number;
  oldestAt: Date | null;
}

/**
 * Counts one request unless `max` came since then: exact whoever races, since those of one subject pass one by one. A
 * refused one is not counted, so the next is free as soon as the oldest has left the window.
 */
export async function countRequest(knex: Knex, request: CountedRequest): Promise<RequestCount> {
  return knex.transaction(async (trx) => {
    await lockSubject(trx, request);
    const { rows } = await trx.raw<{ rows: { taken: number; oldest_at: Date | null }[] }>(COUNT, {
      ...request,
      id: newUuid(),
    });
    const [row] = rows;
    return { taken: row?.taken ?? 0, oldestAt: row?.oldest_at ?? null };
  });
}

// The table of wrong passwords holds these as well: the same kind of fact, counted and purged alike.
const COUNT = `
  with gone as (
    delete from sign_in_failure
    where sign_in_failure.realm = :realm and sign_in_failure.subject = :subject and sign_in_failure.at <= :since
  ), before as (
    select count(*)::integer as taken, min(sign_in_failure.at) as oldest_at from sign_in_failure
    where sign_in_failure.realm = :realm and sign_in_failure.subject = :subject and sign_in_failure.at > :since
  ), counted as (
    insert into sign_in_failure (realm, subject, at, id)
    select :realm, :subject, :at, :id from before where before.taken < :max
  )
  select before.taken, before.oldest_at from before`;
