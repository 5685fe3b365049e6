import fc from 'fast-check';
import { expect, it } from 'vitest';

import { isId, isTenantId, toId, toUuid } from './ids.ts';

it('an id and its UUID are two spellings of one thing', () => {
  fc.assert(
    fc.property(fc.uuid(), (uuid) => {
      const id = toId('trn', uuid);
      expect(id).toMatch(/^trn_[0-9a-f]{32}$/);
      expect(toUuid(id)).toBe(uuid);
      expect(isId('trn', id)).toBe(true);
      expect(isId('ses', id)).toBe(false);
    }),
  );
});

it.each(['', 'trn_', 'trn_xyz', `trn-${'0'.repeat(32)}`, `trn_${'0'.repeat(33)}`, `trn_${'A'.repeat(32)}`])(
  '%j is no id, so no query is made with it',
  (text) => {
    expect(isId('trn', text)).toBe(false);
  },
);

it('a text with a line end after the id is no id', () => {
  expect(isId('trn', `trn_${'0'.repeat(32)}\n`)).toBe(false);
});

it('a tenant is named by a bare UUID, whatever its version', () => {
  fc.assert(fc.property(fc.uuid(), (uuid) => isTenantId(uuid)));
  const uuid = '0195f3a0-0000-7000-8000-000000000001';
  for (const text of ['', `${uuid}0`, ` ${uuid}`, uuid.replaceAll('-', ''), `ses_${uuid}`]) {
    expect(isTenantId(text)).toBe(false);
  }
});
