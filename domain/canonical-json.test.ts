import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { canonicalJson } from './canonical-json.ts';
import type { CanonicalValue } from './canonical-json.ts';

const wellFormed = fc.string({ unit: 'binary' });
const { tree } = fc.letrec<{ tree: CanonicalValue }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    wellFormed,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(wellFormed, tie('tree'), { maxKeys: 4 }),
  ),
}));

describe('canonical JSON (RFC 8785)', () => {
  it('orders members by UTF-16 code units, as section 3.2.3 of the RFC shows', () => {
    const value = {
      '€': 'Euro Sign',
      '\r': 'Carriage Return',
      '\uFB33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '😀': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      ö: 'Latin Small Letter O With Diaeresis',
    };
    const names = [...canonicalJson(value).matchAll(/:"(\w+)/g)].map((match) => match[1]);
    expect(names).toEqual(['Carriage', 'One', 'Control', 'Latin', 'Euro', 'Emoji', 'Hebrew']);
  });

  it('escapes strings as section 3.2.2.2 of the RFC shows', () => {
    expect(canonicalJson('€$\u000F\nA\'B"\\\\"/')).toBe('"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"');
  });

  it('reads back as the same value, whatever the order of the members was', () => {
    fc.assert(
      fc.property(tree, (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(JSON.parse(text) as CanonicalValue)).toBe(text);
      }),
    );
  });

  it('equals JSON.stringify of an object whose members are in sorted order', () => {
    fc.assert(
      fc.property(fc.dictionary(wellFormed, fc.maxSafeInteger()), (value) => {
        // Integer-like names come first in a JavaScript object, so pairs are written one by one.
        const names = Object.keys(value).toSorted();
        const pairs = names.map((name) => JSON.stringify({ [name]: value[name] }).slice(1, -1));
        expect(canonicalJson(value)).toBe(`{${pairs.join(',')}}`);
      }),
    );
  });

  it('prints negative zero as 0', () => {
    expect(canonicalJson(-0)).toBe('0');
  });

  it.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('refuses the number %s', (value) => {
    expect(() => canonicalJson(value)).toThrow(RangeError);
  });

  it('refuses a lone surrogate, in a value and in a name', () => {
    expect(() => canonicalJson('\uD800')).toThrow('lone surrogate');
    expect(() => canonicalJson({ '\uDC00': 1 })).toThrow('lone surrogate');
  });

  it('refuses what JSON has no word for', () => {
    expect(() => canonicalJson({ a: undefined } as unknown as CanonicalValue)).toThrow('undefined at a');
    expect(() => canonicalJson((() => 1) as unknown as CanonicalValue)).toThrow('function');
  });
});
