import { permissionsOf } from '#domain/permissions.ts';
import { findKeyHolder } from '#models/api-key.ts';
import { findUserByToken } from '#models/auth-session.ts';
import type { Clock } from '#platform/clock.ts';
import { sha256Hex } from '#platform/digest.ts';
import type { Knex } from 'knex';

import type { Caller } from '../state.ts';
import { API_KEY_SHAPE } from './api-key-secret.ts';
import { sessionCookieName } from './session-cookie.ts';
import { csrfTokenOf, TOKEN_SHAPE, tokenHashOf } from './tokens.ts';

export interface SentCredentials {
  authorization: string;
  cookieOf: (name: string) => string | undefined;
}

/** Finds out who sent a request. A Bearer token counts alone: a wrong one is never saved by a cookie beside it. */
export function createCallerIdentification({ knex, clock, isHttps }: { knex: Knex; clock: Clock; isHttps: boolean }) {
  async function personOf(kind: 'bearer' | 'cookie', token: string): Promise<Caller | null> {
    const tokenHash = tokenHashOf(token);
    const user = await findUserByToken(knex, { tokenHash, at: clock.now() });
    if (user === null) return null;
    return {
      actor: { ...user, apiKeyId: null, apiKeyName: null, permissions: permissionsOf(user) },
      credential: { kind, tokenHash, csrfToken: csrfTokenOf(token) },
    };
  }

  async function programOf(secret: string): Promise<Caller | null> {
    const secretHash = sha256Hex(secret);
    const holder = await findKeyHolder(knex, { secretHash, at: clock.now() });
    if (holder === null) return null;
    const { user, scopes, ...key } = holder;
    // What the maker may no longer do, the key may not either.
    const permitted = permissionsOf(user);
    const permissions = new Set(scopes.filter((scope) => permitted.has(scope)));
    return {
      actor: { ...user, ...key, permissions },
      credential: { kind: 'api_key', tokenHash: secretHash, csrfToken: '' },
    };
  }

  return async function identifyCaller({ authorization, cookieOf }: SentCredentials): Promise<Caller | null> {
    if (authorization === '') {
      const token = cookieOf(sessionCookieName({ isHttps })) ?? '';
      return TOKEN_SHAPE.test(token) ? personOf('cookie', token) : null;
    }
    const token = bearerOf(authorization) ?? '';
    if (API_KEY_SHAPE.test(token)) return programOf(token);
    return TOKEN_SHAPE.test(token) ? personOf('bearer', token) : null;
  };
}

function bearerOf(authorization: string): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization)?.[1];
}
