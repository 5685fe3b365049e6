import type { Chat, Line, Sent } from '../types.ts';
import { randomId } from './memory.ts';
import type { Answer, Reply, Wire } from './wire.ts';

const TRIES = 4;

/** The conversation of this browser with this tenant. */
export function openChat(wire: Wire): Chat {
  /** The words that are not known to be on record, and the key that makes them safe to send again. */
  let unsent = { text: '', key: '' };

  /** A conversation that is closed, or not ours to continue, makes way for a new one, once. */
  async function post(text: string, language: string): Promise<Reply> {
    const message = { text, language, key: unsent.key };
    const reply = await wire.post(message);
    if (reply.status !== 409 && reply.status !== 410) return reply;
    wire.remember({ id: reply.body.new_session_id ?? randomId(), token: null, seq: 0 });
    return wire.post(message);
  }

  async function linesAfter(after: number): Promise<Line[]> {
    const { data = [] } = (await wire.messages(after)).body;
    const last = data.at(-1);
    if (last !== undefined) wire.remember({ seq: last.seq });
    return data.map(({ author, text }) => ({ author: author.type, text: text ?? '' }));
  }

  return {
    history: async () => (wire.memory().token === null ? [] : linesAfter(0)),
    news: async () => (await linesAfter(wire.memory().seq)).filter(({ author }) => author !== 'visitor'),
    async send(text, language) {
      if (unsent.text !== text) unsent = { text, key: randomId() };
      for (let tries = 0; tries < TRIES; tries += 1) {
        const { status, body } = await post(text, language);
        if (status === 401 || status === 403) return refuse(body);
        if (body.session_token !== undefined) wire.remember({ token: body.session_token });
        if (status === 200) {
          unsent = { text: '', key: '' };
          wire.remember({ seq: body.seq ?? wire.memory().seq });
          return answerOf(body);
        }
        // 202: the answer takes longer, and the same key waits for it again.
        if (status !== 202) return { kind: 'failed' };
      }
      return { kind: 'failed' };
    },
  };
}

function answerOf({ reply, owner }: Answer): Sent {
  if (typeof reply === 'string') return { kind: 'answered', lines: [{ author: 'ai', text: reply }] };
  return owner === 'ai' ? { kind: 'answered', lines: [] } : { kind: 'waiting' };
}

/** For the author of the page: a visitor can do nothing about it. */
function refuse({ type, detail }: Answer): Sent {
  console.error(`Bob: ${location.origin} may not chat here (${type}). ${detail}`);
  return { kind: 'refused' };
}
