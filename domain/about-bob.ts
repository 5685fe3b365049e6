import type { SourceSection } from './source-section.ts';

/** What Bob knows about itself from birth, so that a first question has a sourced answer without any key. */
export const ABOUT_BOB: readonly SourceSection[] = [
  {
    heading: 'Starter plan',
    body:
      'The Starter plan costs 79 USD per month and includes 15,000 AI credits per month, up to 3 team seats and ' +
      '1 standard integration. Support for the Starter plan is by email.',
  },
  {
    heading: 'Pro plan',
    body:
      'The Pro plan costs 249 USD per month and includes 75,000 AI credits per month, up to 10 team seats and ' +
      '3 standard integrations. Support for the Pro plan has priority.',
  },
  {
    heading: 'Enterprise plan',
    body:
      'The Enterprise plan costs 899 USD per month and includes 250,000 AI credits per month, unlimited team seats ' +
      'and 10 standard integrations. Support for the Enterprise plan is dedicated.',
  },
  {
    heading: 'What Bob is',
    body:
      'Bob is a governed AI front office. It talks with the customers of a business, and the business can prove ' +
      'afterwards who said what, under which rules, and what it cost.',
  },
  {
    heading: 'AI credits',
    body:
      'One AI credit stands for 0.001 USD of the list price of the model provider. Every charge names its pricebook ' +
      'version, its rates and its tokens, so a bill can be recomputed by anyone. A failed answer costs no credits.',
  },
  {
    heading: 'Three ways to talk to Bob',
    body:
      'Visitors of your own site use POST /api/chat without signing in. A widget on another site uses POST ' +
      '/api/widget/chat with a widget key and an allowed origin. Signed-in staff and servers use POST ' +
      '/api/chat/message with the permission chat.manage.',
  },
  {
    heading: 'Personas',
    body:
      'A persona decides how Bob speaks: its name, description, tone and instructions. Every business is born with a ' +
      'default persona. A published version never changes, and a conversation keeps the version it started with.',
  },
  {
    heading: 'Human takeover',
    body:
      'A person can take over a conversation at any time. From that moment Bob stays silent until the person hands ' +
      'the conversation back.',
  },
  {
    heading: 'Webhooks',
    body:
      'Webhooks tell your programs of every event, signed after the Standard Webhooks specification, at least once, ' +
      'in order within a conversation. Failed deliveries are retried for more than three days.',
  },
];
