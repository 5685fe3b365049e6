import type { ApiKeyId, TenantId, UserId } from '#domain/ids.ts';
import type { Permission, Realm, Role } from '#domain/permissions.ts';
import type { Logger } from '#platform/logger.ts';
import type { Next, ParameterizedContext } from 'koa';

import type { Limits } from './limits/limits.ts';
import type { ServerTiming } from './request-timing.ts';

/** Who calls, once signed in. Operator staff are users of the operator's tenant. */
export interface Actor {
  realm: Realm;
  role: Role;
  userId: UserId;
  tenantId: TenantId;
  /** Set where a program calls with a key; the user is then the one who made it. */
  apiKeyId: ApiKeyId | null;
  apiKeyName: string | null;
  /** A suspended tenant reads what it has and changes nothing. */
  tenantStatus: 'active' | 'suspended';
  name: string;
  email: string;
  permissions: ReadonlySet<Permission>;
}

/** How the caller proved it: a cookie travels by itself, so on unsafe methods it needs the CSRF token as well. */
export interface Credential {
  kind: 'bearer' | 'cookie' | 'api_key';
  tokenHash: string;
  csrfToken: string;
}

export interface Caller {
  actor: Actor;
  credential: Credential;
}

/** The first answer to an idempotency key, or why there is none yet. */
export type KeptAnswer =
  | { state: 'fresh' }
  | { state: 'running' }
  | { state: 'mismatch' }
  | { state: 'kept'; status: number; body: string };

export interface AnswerKey {
  tenantId: TenantId;
  caller: UserId | ApiKeyId;
  route: string;
  key: string;
}

/** Where first answers are kept for 30 days; the middleware `idempotent()` is its only caller. */
export interface AnswerStore {
  /** `content` is what makes two requests the same; it may hold a password. */
  begin(request: AnswerKey & { content: string }): Promise<KeptAnswer>;
  keep(answer: AnswerKey & { status: number; body: string }): Promise<void>;
  forget(request: AnswerKey): Promise<void>;
}

/** What every handler finds in `ctx.state`. */
export interface RequestState {
  requestId: string;
  log: Logger;
  timing: ServerTiming;
  /** Scheme, host and port under which browsers know us. */
  ownOrigin: string;
  /** Reads the credential once per request; null for a caller without a valid one. */
  identify: () => Promise<Caller | null>;
  /** Reads it again: what was valid may have been revoked since. */
  identifyAnew: () => Promise<Caller | null>;
  answerStore: AnswerStore;
  /** Who may ask how often. */
  limits: Limits;
}

export interface SignedInState extends RequestState {
  actor: Actor;
  credential: Credential;
}

export interface BodyState<Body> extends RequestState {
  body: Body;
}

export interface QueryState<Query> extends RequestState {
  query: Query;
}

export interface ParamsState<Params> extends RequestState {
  params: Params;
}

/** One middleware; `Given` is what stands in `ctx.state` when it runs. */
export type Step<Given = RequestState> = (ctx: ParameterizedContext<Given>, next: Next) => Promise<void>;
