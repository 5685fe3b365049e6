import { describe, expect, test } from 'vitest';

import { isForeignOrigin, isProvenSameOrigin } from './request-origin.ts';

const ownOrigin = 'https://bob.example';

describe('who may call a same-origin route', () => {
  test.each([
    ['', false],
    ['https://bob.example', false],
    ['http://bob.example', true],
    ['https://bob.example.evil.example', true],
    ['null', true],
  ])('Origin %j', (origin, isForeign) => {
    expect(isForeignOrigin({ origin, ownOrigin })).toBe(isForeign);
  });
});

describe('what proves that our own page sent a cookie', () => {
  test.each([
    ['same-origin', '', true],
    ['same-site', 'https://bob.example', false],
    ['none', 'https://bob.example', false],
    ['', 'https://bob.example', true],
    ['', 'https://evil.example', false],
    ['', '', false],
  ])('Sec-Fetch-Site %j, Origin %j', (fetchSite, origin, isProven) => {
    expect(isProvenSameOrigin({ fetchSite, origin, ownOrigin })).toBe(isProven);
  });
});
