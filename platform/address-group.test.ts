import { expect, test } from 'vitest';

import { addressGroup } from './address-group.ts';

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:aaaa:bbbb:cccc:dddd', '2001:db8:1:2::'],
  ['::1', '::'],
  ['', 'unknown'],
  ['not an address', 'unknown'],
])('%j counts as %j', (address, group) => {
  expect(addressGroup(address)).toBe(group);
});
