import { readFileSync } from 'node:fs';
import { Script } from 'node:vm';
import { gzipSync } from 'node:zlib';

import { describe, expect, test } from 'vitest';

import { buildWidget } from './build-widget.ts';

const BUILT = new URL('../../widget/built/', import.meta.url);
const LOADER_BYTES_MAX = 4000;
const PANEL_BYTES_MAX = 11_000;

const built = buildWidget();
const packed = (text: string): number => gzipSync(text, { level: 9 }).length;

test.each(['loader', 'panel'] as const)('the %s in the repository is what bin/write-widget.ts makes', (name) => {
  expect(readFileSync(new URL(`${name}.js`, BUILT), 'utf8')).toBe(built[name]);
});

test('loader and panel stay small', () => {
  expect(packed(built.loader)).toBeLessThan(LOADER_BYTES_MAX);
  expect(packed(built.panel)).toBeLessThan(PANEL_BYTES_MAX);
});

describe('what leaves for other people’s pages', () => {
  test('is one script each, without a name at the top twice', () => {
    expect(() => new Script(`${built.loader}(null);`)).not.toThrow();
    // A module's scope is that of a function, but for its exports.
    expect(() => new Script(`(function () { ${built.panel.replace(/^export .*$/m, '')} })`)).not.toThrow();
  });

  test.each(['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'document.write', 'eval(', 'cssText', 'import {'])(
    'never says %s',
    (word) => {
      expect(built.loader + built.panel).not.toContain(word);
    },
  );
});
