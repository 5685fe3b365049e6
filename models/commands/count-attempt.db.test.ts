import { afterAll, beforeAll, expect, test } from 'vitest';

import { systemClock } from '#platform/clock.ts';
import { newUuid } from '#platform/new-id.ts';

import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import { countAttempt } from './count-attempt.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

test('of attempts sent at once for accounts of one address, as many pass as the limit says', async () => {
  const at = systemClock.now();
  const since = new Date(at.getTime() - 60_000);
  for (let round = 0; round < 10; round += 1) {
    const address = { realm: 'any', subject: newUuid(), attemptMax: 10 };
    const attempts = Array.from({ length: 30 }, () => {
      const account = { realm: 'tenant', subject: newUuid(), attemptMax: 10 };
      return countAttempt(database.knex, { subjects: [account, address], at, since });
    });
    const passed = (await Promise.all(attempts)).filter(({ oldestAt }) => oldestAt === null);
    expect(passed).toHaveLength(10);
  }
});
