import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { corporaDir } from '../test/setup/corpora-dir.ts';
import { canonicalJson } from './canonical-json.ts';
import type { CanonicalValue } from './canonical-json.ts';

const folder = join(corporaDir(), 'jcs');
/** Its numbers are fractions and beyond 2^53: our form refuses both. */
const WITH_FRACTIONS = 'values.json';

describe('the corpus of the reference implementation of RFC 8785', () => {
  if (!existsSync(folder)) {
    it(`is skipped: CORPORA_DIR names no folder with jcs/ (${folder})`, ({ skip }) => skip());
    return;
  }
  it.each(readdirSync(join(folder, 'input')))('%s', (name) => {
    const value = JSON.parse(readFileSync(join(folder, 'input', name), 'utf8')) as CanonicalValue;
    if (name === WITH_FRACTIONS) return expect(() => canonicalJson(value)).toThrow(RangeError);
    return expect(canonicalJson(value)).toBe(readFileSync(join(folder, 'output', name), 'utf8').trimEnd());
  });
});
