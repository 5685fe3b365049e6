import { permissionsOf } from '#domain/permissions.ts';
import { findUserByToken } from '#models/auth-session.ts';
import type { Clock } from '#platform/clock.ts';
import type { Knex } from 'knex';

import type { Caller } from '../state.ts';
import { sessionCookieName } from './session-cookie.ts';
import { csrfTokenOf, TOKEN_SHAPE, tokenHashOf } from './tokens.ts';

export interface SentCredentials {
  authorization: string;
  cookieOf: (name: string) => string | undefined;
}

/** Finds out who sent a request. A Bearer token counts alone: a wrong one is never saved by a cookie beside it. */
export function createCallerIdentification({ knex, clock, isHttps }: { knex: Knex; clock: Clock; isHttps: boolean }) {
  return async function identifyCaller({ authorization, cookieOf }: SentCredentials): Promise<Caller | null> {
    const kind = authorization === '' ? 'cookie' : 'bearer';
    const token = kind === 'cookie' ? cookieOf(sessionCookieName({ isHttps })) : bearerOf(authorization);
    if (token === undefined || !TOKEN_SHAPE.test(token)) return null;

    const tokenHash = tokenHashOf(token);
    const user = await findUserByToken(knex, { tokenHash, at: clock.now() });
    if (user === null) return null;
    return {
      actor: { ...user, apiKeyId: null, permissions: permissionsOf(user) },
      credential: { kind, tokenHash, csrfToken: csrfTokenOf(token) },
    };
  };
}

function bearerOf(authorization: string): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization)?.[1];
}
