import { describe, expect, it } from 'vitest';

import { describeError } from './describe-error.ts';
import { createLogger, type Logger } from './logger.ts';

const MARKER = 'marker-words-of-a-visitor';

/** As knex throws them: its statement, ` - `, the server's sentence; the fields are those of node-postgres. */
function databaseError(message: string, fields: object): Error {
  return Object.assign(new Error(message), { name: 'error', severity: 'ERROR', ...fields });
}

/** What the log would hold of one line. */
function linesOf(write: (logger: Logger) => void): string {
  const lines: string[] = [];
  const destination = {
    write(line: string) {
      lines.push(line);
    },
  };
  write(createLogger({ level: 'info', destination }));
  return lines.join('');
}

function logged(error: unknown): string {
  return linesOf((logger) => logger.error({ error }, 'request failed'));
}

describe('what a person wrote never reaches the log', () => {
  it.each([
    [
      'a statement with its bindings',
      databaseError(`insert into message (text) values ('${MARKER}') - duplicate key value violates "message_key"`, {
        code: '23505',
        constraint: 'message_key',
        detail: `Key (text)=(${MARKER}) already exists.`,
      }),
    ],
    [
      'a binding that holds the separator itself',
      databaseError(`insert into message values ('a - ${MARKER}') - value too long`, { code: '22001' }),
    ],
    [
      'a sentence of the server that quotes the value',
      databaseError(`select $1 - invalid input syntax for type uuid: "x - ${MARKER}"`, { code: '22P02' }),
    ],
    ['a statement of a lost connection', new Error(`insert into m values ('${MARKER}') - Connection terminated`)],
    ['a statement that failed without a code', new Error(`\n  with x as (select '${MARKER}') - what - ${MARKER}`)],
    ['a text that is no JSON', new SyntaxError(`Unexpected token 'm', "${MARKER}" is not valid JSON`)],
    ['a model server that repeats the prompt', Object.assign(new Error(`400 bad: ${MARKER}`), { status: 400 })],
    ['a cause', new Error('turn failed', { cause: databaseError(`select '${MARKER}' - x`, { code: '22001' }) })],
    ['a thrown text', MARKER],
    ['a line that poses as a stack frame', databaseError(`select '\n    at ${MARKER}' - x`, { code: '22001' })],
    [
      'a row that hangs on the error',
      Object.assign(new Error('failed'), { detail: MARKER, where: MARKER, hint: MARKER }),
    ],
  ])('%s', (_what, error) => {
    expect(logged(error)).not.toContain(MARKER);
  });
});

it('a database error is logged by its code and the names of our own schema', () => {
  const error = databaseError(`insert into m values ('x') - duplicate key value`, {
    code: '23505',
    constraint: 'message_key',
    table: 'message',
    routine: '_bt_check_unique',
  });
  expect(describeError(error)).toMatchObject({
    type: 'error',
    message: 'the database refused: SQLSTATE 23505',
    code: '23505',
    constraint: 'message_key',
    table: 'message',
    routine: '_bt_check_unique',
  });
});

it('a lost connection is told in the driver’s own words', () => {
  const error = new Error('select 1 - Connection terminated unexpectedly');
  expect(describeError(error)).toMatchObject({ message: 'Connection terminated' });
});

it('our own sentences, names and frames stay readable', () => {
  const error = new TypeError('an accepted message without its session');
  expect(describeError(error)).toMatchObject({
    type: 'TypeError',
    message: 'an accepted message without its session',
    stack: expect.stringContaining('describe-error.test.ts:'),
  });
});

it('an endless message is cut', () => {
  expect(logged(new Error('x'.repeat(100_000))).length).toBeLessThan(5000);
});

it('headers, passwords, tokens and secrets are left out wherever they stand', () => {
  const told = { password: MARKER, endpoint: { secret: MARKER }, req: { headers: { cookie: MARKER } }, token: MARKER };
  expect(linesOf((logger) => logger.info(told))).not.toContain(MARKER);
});
