import {
  claimIdempotencyKey,
  findAnswer,
  releaseIdempotencyKey,
  storeAnswer,
  type StoredAnswer,
} from '#models/idempotency-key.ts';
import type { Clock } from '#platform/clock.ts';
import type { KeyRing } from '#platform/key-ring.ts';
import type { Knex } from 'knex';

import type { AnswerKey, AnswerStore, KeptAnswer } from '../state.ts';

const ABANDONED_AFTER_MS = 60_000;

/** First answers in PostgreSQL, encrypted: the answer to a new webhook endpoint holds its secret. */
export function createAnswerStore({
  knex,
  clock,
  keyRing,
}: {
  knex: Knex;
  clock: Clock;
  keyRing: KeyRing;
}): AnswerStore {
  function open(answer: AnswerKey, stored: StoredAnswer): KeptAnswer {
    if (stored.status === null || stored.body === null) return { state: 'running' };
    const { key_id: keyId, sealed } = stored.body;
    const plain = keyRing.decrypt({ keyId, sealed: Buffer.from(sealed, 'base64'), associated: nameOf(answer) });
    return { state: 'kept', status: stored.status, body: plain.toString('utf8') };
  }

  /** Under a key, for a content may hold a password: a plain hash would let who reads the table try words on it. */
  function sealContent(request: AnswerKey & { content: string }): string {
    const { keyId, mac } = keyRing.mac(contentText(request));
    return `${keyId}.${mac.toString('base64url')}`;
  }

  function isSameContent(request: AnswerKey & { content: string }, { requestHash }: StoredAnswer): boolean {
    const [keyId = '', mac = ''] = requestHash.split('.');
    return keyRing.verifyMac({ keyId, text: contentText(request), mac: Buffer.from(mac, 'base64url') });
  }

  return {
    async begin(request) {
      const at = clock.now();
      const abandonedBefore = new Date(at.getTime() - ABANDONED_AFTER_MS);
      const requestHash = sealContent(request);
      if (await claimIdempotencyKey(knex, request, { requestHash, at, abandonedBefore })) return { state: 'fresh' };
      const stored = await findAnswer(knex, request);
      // Given back between the two statements: the caller tries again and finds it free.
      if (stored === null) return { state: 'running' };
      return isSameContent(request, stored) ? open(request, stored) : { state: 'mismatch' };
    },
    async keep({ status, body, ...answer }) {
      const { keyId, sealed } = keyRing.encrypt({ plain: Buffer.from(body, 'utf8'), associated: nameOf(answer) });
      await storeAnswer(knex, answer, { status, body: { key_id: keyId, sealed: sealed.toString('base64') } });
    },
    forget: (request) => releaseIdempotencyKey(knex, request),
  };
}

/** An answer belongs to its tenant, caller, route and key: moved to another row it does not decrypt. */
function nameOf({ tenantId, caller, route, key }: AnswerKey): string {
  return `idempotency ${tenantId} ${caller} ${route} ${key}`;
}

function contentText(request: AnswerKey & { content: string }): string {
  return `${nameOf(request)}\n${request.content}`;
}
