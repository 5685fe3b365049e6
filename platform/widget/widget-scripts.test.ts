import { Script } from 'node:vm';
import { gzipSync } from 'node:zlib';

import { describe, expect, test } from 'vitest';

import { widgetScripts } from './widget-scripts.ts';

const LOADER_BYTES_MAX = 4000;
const PANEL_BYTES_MAX = 11_000;

const built = widgetScripts();
const packed = (text: string): number => gzipSync(text, { level: 9 }).length;

test('the same sources are the same scripts, and the loader knows where the panel is', () => {
  expect(widgetScripts()).toEqual(built);
  expect(built.loader).toContain(`'/widget/v/${built.panelHash}/panel.js'`);
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
