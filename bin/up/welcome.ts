import { randomUUID } from 'node:crypto';

import { DEMO_ORIGIN } from '#models/commands/first-data.ts';

import type { Prepared } from '../migrate-database.ts';
import type { CompleteEnv } from './complete-env.ts';

const DEMO_EMAIL = 'customer@business.com';
const JSON_HEADER = `-H 'Content-Type: application/json'`;

/** What a newcomer pastes next. The session ids are fresh, so that the block works as often as it is printed. */
export function welcome({ env, url, demoWidgetKey }: Prepared & { env: CompleteEnv; url: string }): string {
  return [
    '',
    `Bob is ready:    ${url}`,
    `API reference:   ${url}/docs`,
    `Health:          ${url}/api/health`,
    `Operator login:  ${env.BOB_OPERATOR_EMAIL}  ${env.BOB_OPERATOR_PASSWORD}`,
    `Demo login:      ${DEMO_EMAIL}  ${env.BOB_DEMO_PASSWORD}   (tenant demo)`,
    '',
    'Talk to Bob:',
    `curl -s ${url}/api/chat ${JSON_HEADER} -d '${question()}'`,
    ...(demoWidgetKey === null ? [] : askAsWidget(url, demoWidgetKey)),
    '',
    'Ctrl-C stops everything.',
    '',
    '',
  ].join('\n');
}

function askAsWidget(url: string, key: string): string[] {
  const headers = `${JSON_HEADER} -H 'X-Widget-Key: ${key}' -H 'Origin: ${DEMO_ORIGIN}'`;
  return [
    '',
    'Talk to Bob as a page with his widget does:',
    `curl -s ${url}/api/widget/chat ${headers} -d '${question()}'`,
  ];
}

function question(): string {
  return JSON.stringify({ message: 'What does the Pro plan cost?', session_id: `session_${randomUUID()}` });
}
