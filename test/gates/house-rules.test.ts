import { expect, it } from 'vitest';

import { describedVariables, medianLines, stopsOf } from '../tidy/document-rules.ts';
import { lineFaults, sqlFaults } from '../tidy/line-rules.ts';

// Put together, so that the house's own test does not find them here.
const BARE_DATE = ['new Date(', ')'].join('');
const ONLY = ['it', 'only'].join('.');
const STATEMENT = ['`', 'select t.id', '  from turn t`'].join('\n');

it.each([
  ['a bare date', 'domain/a.ts', `const at = ${BARE_DATE};`],
  ['a test that stands alone', 'domain/a.test.ts', `${ONLY}('x', () => null);`],
  ['a line of 121 characters', 'domain/a.ts', 'x'.repeat(121)],
  ['every column at once', 'models/a.ts', 'const sql = `select * from turn`;'],
])('house refuses %s', (_fault, path, text) => {
  expect(lineFaults({ path, text })).toHaveLength(1);
});

it.each([
  ['a date from a value', 'domain/a.ts', 'const at = new Date(0);'],
  ['a bare date in the clock', 'platform/clock.ts', `const at = ${BARE_DATE};`],
  ['a comment about dates', 'domain/a.ts', `// ${BARE_DATE} would be wrong here`],
  ['a line of 120 characters', 'domain/a.ts', 'x'.repeat(120)],
])('house takes %s', (_case, path, text) => {
  expect(lineFaults({ path, text })).toEqual([]);
});

it('house refuses SQL outside models and migrations, over any number of lines', () => {
  expect(sqlFaults({ path: 'api/chat/routes.ts', text: STATEMENT })).toHaveLength(1);
  expect(sqlFaults({ path: 'models/turn.ts', text: STATEMENT })).toEqual([]);
});

it('a journey names its stops in code marks', () => {
  expect(stopsOf('| 1 | `contract/chat.ts` | then `api/chat/` and `bin/bob.mjs` |')).toEqual([
    'contract/chat.ts',
    'bin/bob.mjs',
  ]);
});

it('a variable is described where it opens a row', () => {
  expect(describedVariables('| `PORT` | `3000` | as `HOST` |\nread `LOG_LEVEL`')).toEqual(['PORT']);
});

it('the median file decides', () => {
  expect(medianLines(['a\n', 'a\nb\n', 'a\nb\nc\n'])).toBe(2);
});
