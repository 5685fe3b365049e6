import type { Realm } from '#domain/permissions.ts';
import { findUserByEmail, type AppUser } from '#models/app-user.ts';
import { countAttempt } from '#models/commands/count-attempt.ts';
import { forgiveSubject, uncountAttempt, type SignInSubject } from '#models/sign-in-failure.ts';
import { addressGroup } from '#platform/address-group.ts';
import { QueueFull } from '#platform/bounded-run.ts';
import type { Clock } from '#platform/clock.ts';
import { sha256Hex } from '#platform/digest.ts';
import { newUuid } from '#platform/new-id.ts';
import { hashPassword, verifyPassword } from '#platform/passwords.ts';
import type { Knex } from 'knex';

import { createTurnTaking } from './turn-taking.ts';

const WINDOW_MS = 15 * 60_000;
const ACCOUNT_ATTEMPT_MAX = 10;
const ADDRESS_ATTEMPT_MAX = 100;

export interface SignInClaim {
  realm: Realm;
  email: string;
  password: string;
  address: string;
}

export type SignInResult =
  | { state: 'signed-in'; user: AppUser }
  | { state: 'wrong' }
  | { state: 'locked'; retryAfterSeconds: number }
  | { state: 'busy' };

export type SignIn = (claim: SignInClaim) => Promise<SignInResult>;

/** What wrong passwords for an account are counted against, whether there is such an account or not. */
export function accountSubject({ realm, email }: { realm: Realm; email: string }): SignInSubject {
  return { realm, subject: sha256Hex(`account ${email}`), attemptMax: ACCOUNT_ATTEMPT_MAX };
}

/** Checks e-mail and password. Unknown accounts take the same time, count the same and lock the same. */
export function createSignIn({ knex, clock }: { knex: Knex; clock: Clock }): SignIn {
  const inTurn = createTurnTaking();
  // What an unknown account is checked against: made at the start, so that the first stranger does not wait for it.
  const nobodysHash = hashPassword(newUuid());

  async function check({ realm, email, password, address }: SignInClaim): Promise<SignInResult> {
    const at = clock.now();
    const account = accountSubject({ realm, email });
    const subjects: SignInSubject[] = [
      account,
      { realm: 'any', subject: sha256Hex(`address ${addressGroup(address)}`), attemptMax: ADDRESS_ATTEMPT_MAX },
    ];
    const { attempt, oldestAt } = await countAttempt(knex, { subjects, at, since: new Date(at.getTime() - WINDOW_MS) });
    if (oldestAt !== null) {
      await uncountAttempt(knex, { subjects, attempt });
      return { state: 'locked', retryAfterSeconds: secondsUntil(oldestAt.getTime() + WINDOW_MS, at) };
    }
    const user = await findUserByEmail(knex, { realm, email });
    const verdict = await judge({ stored: user?.passwordHash ?? (await nobodysHash), plain: password });
    if (verdict === 'busy') {
      await uncountAttempt(knex, { subjects, attempt });
      return { state: 'busy' };
    }
    if (user === null || verdict === 'wrong') return { state: 'wrong' };
    await uncountAttempt(knex, { subjects, attempt });
    await forgiveSubject(knex, account);
    return { state: 'signed-in', user };
  }

  return (claim) => {
    const known = { ...claim, email: claim.email.toLowerCase() };
    return inTurn(`${known.realm} ${known.email}`, () => check(known));
  };
}

async function judge(claim: { stored: string; plain: string }): Promise<'right' | 'wrong' | 'busy'> {
  try {
    return (await verifyPassword(claim)) ? 'right' : 'wrong';
  } catch (error) {
    if (error instanceof QueueFull) return 'busy';
    throw error;
  }
}

function secondsUntil(endsAtMs: number, at: Date): number {
  return Math.max(1, Math.ceil((endsAtMs - at.getTime()) / 1000));
}
