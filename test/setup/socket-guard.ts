import { afterAll, expect } from 'vitest';

import { allowLoopbackOnly } from './loopback-only.ts';

// A counter, not only a refusal: code that swallows the refused connection is found as well.
const refused = allowLoopbackOnly();

afterAll(() => {
  expect(refused, 'addresses outside loopback').toEqual([]);
});
