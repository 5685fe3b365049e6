import type { EventEnvelope } from '#contract/events.ts';

import type { DemoScreen } from './demo-screen.ts';
import type { PlayedTurn } from './play-conversation.ts';
import type { WebhookInbox } from './webhook-inbox.ts';

const ENDS = new Set(['turn.completed', 'turn.failed']);
const PAID = new Set(['answered', 'escalated']);

/** What the receiver got and verified: the whole conversation, gap-free, and one event for each charge. */
export async function showWebhooks(
  inbox: WebhookInbox,
  screen: DemoScreen,
  turns: readonly PlayedTurn[],
): Promise<void> {
  screen.heading('The webhooks', 'as the receiver verified them with npm standardwebhooks');
  const events = await screen.waitFor('the webhooks', () => eventsOf(inbox, turns));
  for (const { type, id, seq } of events) screen.fact(seq === null ? '' : `seq ${seq}`, `${type.padEnd(17)} ${id}  ✓`);
  screen.fact('', `${events.length} events verified, ${inbox.refused} requests refused`);
}

/** Null until all of them are there; the tenant's other conversations are none of the demo's business. */
function eventsOf(inbox: WebhookInbox, turns: readonly PlayedTurn[]): EventEnvelope[] | null {
  const turnIds = new Set<unknown>(turns.map(({ turnId }) => turnId));
  const seen = distinct(inbox.verified);
  const ofTurns = seen.filter(({ data }) => turnIds.has(data['turn_id']));
  const ended = ofTurns.filter(({ type }) => ENDS.has(type));
  const paid = ofTurns.filter(({ type }) => type === 'usage.recorded');
  const due = turns.filter(({ outcome }) => PAID.has(outcome)).length;
  if (ended.length < turns.length || paid.length < due) return null;

  const sessionId = ended[0]?.session_id;
  const ofSession = seen.filter((event) => event.session_id === sessionId).toSorted((a, b) => seqOf(a) - seqOf(b));
  const isGapFree = ofSession.every((event, index) => event.seq === index + 1);
  return isGapFree ? [...ofSession, ...paid] : null;
}

/** Delivery is at least once: the id tells a repeat. */
function distinct(events: readonly EventEnvelope[]): EventEnvelope[] {
  return [...new Map(events.map((event) => [event.id, event])).values()];
}

function seqOf({ seq }: EventEnvelope): number {
  return seq ?? 0;
}
