import fc from 'fast-check';
import { expect, it } from 'vitest';

import { eventText, HEARTBEAT, retryText } from './event-text.ts';

it('an event is one block of three lines, whatever its words are', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(), (words, n) => {
      const data = { delta: words };
      const text = eventText({ id: `trn.1.${n}`, event: 'delta', data });
      const [id, event, line = '', ...rest] = text.split('\n');
      expect([id, event, rest]).toEqual([`id: trn.1.${n}`, 'event: delta', ['', '']]);
      expect(text.includes('\r')).toBe(false);
      expect(JSON.parse(line.replace(/^data: /, ''))).toEqual(data);
    }),
  );
});

it('what is no event has no field that a reader would take for one', () => {
  expect([HEARTBEAT, retryText(1000)]).toEqual([': still here\n\n', 'retry: 1000\n\n']);
});
