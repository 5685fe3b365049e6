import { randomUUID } from 'node:crypto';
import type { CompleteEnv } from './complete-env.ts';

const DEMO_EMAIL = 'customer@business.com';

/** What a newcomer pastes next. The session id is fresh, so that the block works as often as it is printed. */
export function welcome(env: CompleteEnv, url: string): string {
  const body = JSON.stringify({ message: 'What does the Pro plan cost?', session_id: `session_${randomUUID()}` });
  return [
    '',
    `Bob is ready:    ${url}`,
    `Health:          ${url}/api/health`,
    `Operator login:  ${env.BOB_OPERATOR_EMAIL}  ${env.BOB_OPERATOR_PASSWORD}`,
    `Demo login:      ${DEMO_EMAIL}  ${env.BOB_DEMO_PASSWORD}   (tenant demo)`,
    '',
    'Talk to Bob:',
    `curl -s ${url}/api/chat -H 'Content-Type: application/json' -d '${body}'`,
    '',
    'Ctrl-C stops everything.',
    '',
    '',
  ].join('\n');
}
