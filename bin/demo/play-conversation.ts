import { randomUUID } from 'node:crypto';

import { ChatAnswer } from '#contract/chat.ts';

import { CannotShow, type DemoClient } from './demo-client.ts';
import type { DemoScreen } from './demo-screen.ts';

const QUESTIONS = ['What does the Pro plan cost?', 'And how many seats does Enterprise have?', 'Thank you!'];

export interface PlayedTurn {
  turnId: string;
  /** Our id of the session, as receipts, lines and events name it. */
  outcome: string;
}

/** One visitor, three messages, as the website of a tenant sends them: no login, only the tenant's name. */
export async function playConversation(client: DemoClient, screen: DemoScreen): Promise<PlayedTurn[]> {
  const sessionId = `demo_${randomUUID()}`;
  screen.heading('A conversation', `POST /api/chat, session ${sessionId}`);
  const turns: PlayedTurn[] = [];
  let sessionToken: string | undefined;
  for (const message of QUESTIONS) {
    screen.fact('you', message);
    const answer = await client.call('/api/chat', {
      method: 'POST',
      body: { session_id: sessionId, message, business_id: 'demo' },
      headers: {
        'idempotency-key': randomUUID(),
        ...(sessionToken === undefined ? {} : { 'x-session-token': sessionToken }),
      },
    });
    if (answer.status !== 200) throw new CannotShow('The answer takes unusually long; is the model there?');
    const reply = ChatAnswer.parse(JSON.parse(answer.text));
    sessionToken ??= reply.session_token;
    showReply(screen, reply, answer.headers.get('server-timing') ?? '');
    turns.push({ turnId: reply.turn_id, outcome: reply.outcome });
  }
  return turns;
}

function showReply(screen: DemoScreen, reply: ChatAnswer, timing: string): void {
  if (reply.disclosure !== undefined) screen.fact('notice', reply.disclosure.text);
  screen.fact(reply.author.name, reply.reply ?? '(no reply)');
  for (const { index, title, source_id: source } of reply.citations) screen.fact('', `[${index}] ${title}, ${source}`);
  screen.fact('', `→ ${reply.outcome}  ${timing.replaceAll(';dur=', ' ')} (ms)`);
}
