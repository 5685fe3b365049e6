import type { EventDraft } from '#contract/events.ts';
import type { EventId, SessionId, TenantId } from '#domain/ids.ts';

const API_VERSION = '1';
const BODY_BYTES_MAX = 256 * 1024;
/** The number between head and tail is not known yet; an integer column never has more digits than this. */
const SEQ_DIGITS_MAX = 10;

/** An event that no receiver could take. Its transaction must end, for the fact would be stored without its event. */
export class PoisonEvent extends Error {
  override name = 'PoisonEvent';
  readonly reason: 'too_large' | 'nul' | 'lone_surrogate';

  constructor(type: string, reason: PoisonEvent['reason']) {
    super(`event ${type} cannot be told: ${reason}`);
    this.reason = reason;
  }
}

export interface EventFacts {
  id: EventId;
  type: EventDraft['type'];
  createdAt: Date;
  tenantId: TenantId;
  sessionId: SessionId | null;
  test: boolean;
  data: EventDraft['data'];
}

export interface SplitBody {
  head: string;
  tail: string;
}

/**
 * The body but for its `seq`, which only the database knows: body = head || seq || tail, seq being digits or `null`.
 * It is built once and stored as text, so every attempt and the feed show the same bytes.
 */
export function splitBody(event: EventFacts): SplitBody {
  refuseBadText(event.type, event.data);
  const envelope = {
    id: event.id,
    type: event.type,
    api_version: API_VERSION,
    created_at: event.createdAt.toISOString(),
    tenant_id: event.tenantId,
    session_id: event.sessionId,
  };
  const head = `${JSON.stringify(envelope).slice(0, -1)},"seq":`;
  const tail = `,"test":${event.test},"data":${JSON.stringify(event.data)}}`;
  if (Buffer.byteLength(head) + Buffer.byteLength(tail) + SEQ_DIGITS_MAX > BODY_BYTES_MAX) {
    throw new PoisonEvent(event.type, 'too_large');
  }
  return { head, tail };
}

function refuseBadText(type: string, value: unknown): void {
  if (typeof value === 'string') {
    if (value.includes('\0')) throw new PoisonEvent(type, 'nul');
    if (!value.isWellFormed()) throw new PoisonEvent(type, 'lone_surrogate');
  } else if (value !== null && typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) {
      refuseBadText(type, key);
      refuseBadText(type, inner);
    }
  }
}
