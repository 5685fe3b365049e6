import { expect, test } from 'vitest';

import { handbackNote } from './handback-note.ts';

test.each([
  [
    { names: ['Ana'], messages: { from: 5, to: 9 }, note: 'Order 17 is refunded.' },
    'A person (Ana) answered messages 5 to 9. You answer again from here. Note: Order 17 is refunded.',
  ],
  [
    { names: ['Ana', 'Ben'], messages: { from: 5, to: 5 }, note: null },
    '2 people (Ana, Ben) answered message 5. You answer again from here.',
  ],
  [
    { names: [], messages: { from: 5, to: 6 }, note: null },
    'A person was in charge of messages 5 to 6 and answered nothing. You answer again from here.',
  ],
  [
    { names: [], messages: null, note: null },
    'A person was in charge of the conversation; nothing was said. You answer again from here.',
  ],
])('%j is told to Bob as a sentence', (stretch, text) => {
  expect(handbackNote(stretch)).toBe(text);
});
