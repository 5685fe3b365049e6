import { describe, expect, it } from 'vitest';

import { isDatabaseAway, isDatabaseBusy } from './database-away.ts';
import { isUniqueViolation, retryOnConflict, sqlStateOf } from './database.ts';

function stateError(code: unknown, constraint?: string): Error {
  return Object.assign(new Error('refused'), { code, ...(constraint === undefined ? {} : { constraint }) });
}

describe('the state of an error', () => {
  it.each([
    [stateError('23505'), '23505'],
    [stateError(42), null],
    [new Error('plain'), null],
    [{ code: '23505' }, null],
    ['23505', null],
    [undefined, null],
  ])('%j', (error, state) => {
    expect(sqlStateOf(error)).toBe(state);
  });

  it('a violated key is known by its name', () => {
    expect(isUniqueViolation(stateError('23505', 'message_key'))).toBe(true);
    expect(isUniqueViolation(stateError('23505', 'message_key'), 'message_key')).toBe(true);
    expect(isUniqueViolation(stateError('23505', 'other_key'), 'message_key')).toBe(false);
    expect(isUniqueViolation(stateError('23505'), 'message_key')).toBe(false);
    expect(isUniqueViolation(stateError('23503', 'message_key'), 'message_key')).toBe(false);
  });
});

describe('a transaction that lost a conflict', () => {
  async function runWith(failures: readonly Error[]): Promise<{ runs: number; result: unknown }> {
    let runs = 0;
    const result = await retryOnConflict(async () => {
      const failure = failures[runs];
      runs += 1;
      await Promise.resolve();
      if (failure !== undefined) throw failure;
      return 'done';
    }).catch((error: unknown) => error);
    return { runs, result };
  }
  const deadlock = stateError('40P01');

  it('runs again after a deadlock or a serialization failure', async () => {
    expect(await runWith([deadlock, stateError('40001')])).toEqual({ runs: 3, result: 'done' });
  });

  it('gives up after three further tries, with the error itself', async () => {
    expect(await runWith(Array.from({ length: 9 }, () => deadlock))).toEqual({ runs: 4, result: deadlock });
  });

  it('is not run again for any other error: it may have been committed', async () => {
    const lost = stateError('08006');
    expect(await runWith([lost])).toEqual({ runs: 1, result: lost });
    const plain = new Error('plain');
    expect(await runWith([plain])).toEqual({ runs: 1, result: plain });
  });
});

describe('a database that is away', () => {
  it.each([
    stateError('57P01'),
    stateError('53300'),
    stateError('ECONNREFUSED'),
    new Error('select 1 - Connection terminated unexpectedly'),
    new Error('Knex: Timeout acquiring a connection. The pool is probably full.'),
    new Error('Client was closed and is not queryable'),
  ])('%s', (error) => {
    expect(isDatabaseAway(error)).toBe(true);
  });

  it.each([stateError('23505'), new Error('plain'), 'Connection terminated', null])('is not what %s means', (error) => {
    expect(isDatabaseAway(error)).toBe(false);
  });
});

describe('a database that is busy', () => {
  it.each(['57014', '55P03', '40P01', '40001', '53100', '53200'])('takes back a statement with %s', (state) => {
    expect(isDatabaseBusy(stateError(state))).toBe(true);
    expect(isDatabaseAway(stateError(state))).toBe(false);
  });

  it.each([stateError('23505'), stateError('57P01'), new Error('deadlock detected'), '40P01', undefined])(
    'is not what %s means',
    (error) => {
      expect(isDatabaseBusy(error)).toBe(false);
    },
  );
});
