import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { normaliseOrigin, readOriginHeader } from './widget-origin.ts';
import { entriesFor, hashOfOrigin } from './widget-page.ts';

describe('an entry of the list is written as browsers write an origin', () => {
  test.each([
    ['https://shop.example', 'https://shop.example'],
    ['HTTPS://Shop.EXAMPLE', 'https://shop.example'],
    ['https://shop.example:443', 'https://shop.example'],
    ['https://shop.example:8443', 'https://shop.example:8443'],
    ['https://*.shop.example', 'https://*.shop.example'],
    ['https://*.Shop.example:443', 'https://*.shop.example'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['https://*.bücher.example:8443', 'https://*.xn--bcher-kva.example:8443'],
    ['https://192.0.2.7', 'https://192.0.2.7'],
    ['https://[2001:DB8::7]:8443', 'https://[2001:db8::7]:8443'],
    ['http://localhost:3000', 'http://localhost:3000'],
    ['http://app.localhost', 'http://app.localhost'],
    ['http://127.0.0.1:80', 'http://127.0.0.1'],
    ['http://[::1]:5173', 'http://[::1]:5173'],
  ])('%s', (text, origin) => {
    expect(normaliseOrigin(text)).toEqual({ kind: 'origin', origin });
  });

  test.each([
    ['shop.example', 'not_an_origin'],
    ['', 'not_an_origin'],
    ['null', 'not_an_origin'],
    ['*', 'not_an_origin'],
    ['https://', 'not_an_origin'],
    ['https://a.example https://b.example', 'not_an_origin'],
    [' https://a.example', 'not_an_origin'],
    ['https://a.example:99999', 'not_an_origin'],
    ['https://a..example', 'not_an_origin'],
    ['https://.example', 'not_an_origin'],
    ['https://a%2eexample', 'not_an_origin'],
    ['https://a.example,b.example', 'not_an_origin'],
    ['ftp://shop.example', 'wrong_scheme'],
    ['chrome-extension://abcdef', 'wrong_scheme'],
    ['https://shop.example/', 'has_path'],
    ['https://shop.example/chat', 'has_path'],
    ['https://shop.example?x=1', 'has_path'],
    ['https://shop.example#x', 'has_path'],
    ['https://shop.example\\evil', 'has_path'],
    ['https://user@shop.example', 'has_credentials'],
    ['https://user:secret@shop.example', 'has_credentials'],
    ['https://shop.example.', 'trailing_dot'],
    ['https://*', 'wrong_wildcard'],
    ['https://*.com', 'wrong_wildcard'],
    ['https://*.192.0.2.7', 'wrong_wildcard'],
    ['https://a.*.example', 'wrong_wildcard'],
    ['https://*.*.example.com', 'wrong_wildcard'],
    ['https://*shop.example', 'wrong_wildcard'],
    ['http://shop.example', 'http_needs_loopback'],
    ['http://localhost.evil.example', 'http_needs_loopback'],
    ['http://127.evil.example', 'http_needs_loopback'],
    [`https://${'a'.repeat(300)}.example`, 'too_long'],
  ])('%j: %s', (text, fault) => {
    expect(normaliseOrigin(text)).toEqual({ kind: 'fault', fault });
  });

  test('written again it stays what it is', () => {
    fc.assert(
      fc.property(fc.webAuthority({ withPort: true }), fc.boolean(), (authority, isWildcard) => {
        const once = normaliseOrigin(`https://${isWildcard ? '*.' : ''}${authority}`);
        if (once.kind === 'origin') expect(normaliseOrigin(once.origin)).toEqual(once);
      }),
    );
  });

  test('no text at all throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void normaliseOrigin(text)));
  });
});

describe('the Origin header names one page, as browsers write it', () => {
  test.each([
    ['https://shop.example', 'https://shop.example'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['', null],
    ['null', null],
    ['*', null],
    ['https://*.shop.example', null],
    ['HTTPS://SHOP.EXAMPLE', null],
    ['https://Shop.example', null],
    ['https://shop.example:443', null],
    ['https://shop.example/', null],
    ['https://user@shop.example', null],
    ['https://bücher.example', null],
    ['https://a.example, https://b.example', null],
    ['https://a.example https://b.example', null],
    ['file://', null],
    ['chrome-extension://abc', null],
    [`https://${'a.'.repeat(200)}example`, null],
  ])('%j', (header, origin) => {
    expect(readOriginHeader(header)).toBe(origin);
  });
});

describe('who is let in', () => {
  const list = [
    'https://shop.example',
    'https://*.brand.example',
    'https://xn--bcher-kva.example',
    'http://localhost:3000',
  ];

  test.each([
    ['the very origin', 'https://shop.example', true],
    ['a subdomain of an entry without wildcard', 'https://www.shop.example', false],
    ['its parent', 'https://example', false],
    ['a look-alike behind it', 'https://shop.example.evil.example', false],
    ['a look-alike before it', 'https://evilshop.example', false],
    ['another scheme', 'http://shop.example', false],
    ['another port', 'https://shop.example:8443', false],
    ['a trailing dot', 'https://shop.example.', false],
    ['a subdomain of a wildcard', 'https://www.brand.example', true],
    ['a subdomain of that', 'https://a.b.brand.example', true],
    ['the domain of a wildcard itself', 'https://brand.example', false],
    ['a look-alike of a wildcard', 'https://evilbrand.example', false],
    ['a wildcard on another port', 'https://www.brand.example:8443', false],
    ['punycode', 'https://xn--bcher-kva.example', true],
    ['the port of a loopback entry', 'http://localhost:3000', true],
    ['another port of it', 'http://localhost:3001', false],
  ])('%s', (_what, origin, isIn) => {
    expect(entriesFor(origin).some((entry) => list.includes(entry))).toBe(isIn);
  });

  test('a listed origin is let in, and a wildcard only for names below it', () => {
    const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
    fc.assert(
      fc.property(fc.array(label, { minLength: 2, maxLength: 5 }), label, (labels, below) => {
        const host = labels.join('.');
        expect(entriesFor(`https://${host}`)).toContain(`https://${host}`);
        expect(entriesFor(`https://${below}.${host}`)).toContain(`https://*.${host}`);
        expect(entriesFor(`https://${host}`)).not.toContain(`https://*.${host}`);
        expect(entriesFor(`https://${below}${host}`)).not.toContain(`https://*.${host}`);
        expect(entriesFor(`https://${below}.${host}`)).not.toContain(`https://${host}`);
      }),
    );
  });

  test('whatever lets an origin in is an entry that the list can hold', () => {
    fc.assert(
      fc.property(fc.webAuthority({ withPort: true }), (authority) => {
        const written = normaliseOrigin(`https://${authority}`);
        if (written.kind === 'fault' || /\d$/.test(authority)) return;
        for (const entry of entriesFor(written.origin)) {
          expect(normaliseOrigin(entry)).toEqual({ kind: 'origin', origin: entry });
        }
      }),
    );
  });
});

test.each([
  ['', '811c9dc5'],
  ['a', 'e40c292c'],
  ['foobar', 'bf9cf968'],
])('FNV-1a of %j, as its authors publish it', (text, hash) => {
  expect(hashOfOrigin(text)).toBe(hash);
});
