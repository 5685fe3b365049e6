import { setTimeout as pause } from 'node:timers/promises';

import type { Knex } from 'knex';

import type { Fault, Scene } from '../fault.ts';
import { refuseOtherStatuses } from './server-faults.ts';

const DELAY_MS = 200;
const LOCK_HELD_S = 30;
const SHARE = 0.2;
const HEALTH_TIMEOUT_MS = 10_000;

/** F12: slow, locked, all connections waiting, and a deadlock: never a wrong answer, and well again afterwards. */
export const databaseSlow: Fault = {
  id: 'F12',
  title: 'the database is slow, locked and deadlocked, and its wire is dead',
  async strike(scene) {
    const { databaseWire, knex } = scene.product;
    const spanMs = Math.min(LOCK_HELD_S, scene.seconds * SHARE) * 1000;
    await scene.later(0.1, 0.15);
    scene.hit('slow');
    databaseWire.setDelay(DELAY_MS);
    await pause(spanMs);
    databaseWire.setDelay(0);
    // Every session's row: more statements wait than a pool has connections.
    scene.hit('locked');
    await holdLocks(knex, spanMs);
    const deadlocks = await deadlock(knex);
    scene.figures['deadlocks'] = deadlocks;
    if (deadlocks === 0) scene.violations.push('the deadlock never came');
    scene.hit('wire dead');
    databaseWire.setMode('refuse');
    const sick = await healthStatus(scene);
    await pause(spanMs / 2);
    databaseWire.setMode('pass');
    if (sick === 200) scene.violations.push('health said 200 while the database was away');
  },
  async expect(scene, operations) {
    refuseOtherStatuses(scene, operations, [200, 202, 429, 503]);
    const well = await healthStatus(scene);
    if (well !== 200) scene.violations.push(`health says ${well} after the database is back`);
  },
};

async function holdLocks(knex: Knex, heldMs: number): Promise<void> {
  await knex.transaction(async (trx) => {
    await trx.raw('select s.id from chat_session s order by s.id for update');
    await trx.raw('select h.turn_id from credit_hold h order by h.turn_id limit 1 for update');
    await pause(heldMs);
  });
}

/** Two transactions that take two sessions' rows the other way round: PostgreSQL ends one of them. */
async function deadlock(knex: Knex): Promise<number> {
  const { rows } = await knex.raw<{ rows: { id: string }[] }>('select s.id from chat_session s order by s.id limit 2');
  const ids = rows.map((row) => row.id);
  const take = (order: readonly string[]): Promise<void> =>
    knex.transaction(async (trx) => {
      for (const id of order) {
        await trx.raw('select s.id from chat_session s where s.id = ? for update', [id]);
        await pause(DELAY_MS);
      }
    });
  const ends = await Promise.allSettled([take(ids), take(ids.toReversed())]);
  return ends.filter((end) => end.status === 'rejected').length;
}

async function healthStatus({ product }: Scene): Promise<number> {
  const answer = await fetch(`${product.url}/api/health/ready`, {
    signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS),
  }).catch(() => null);
  return answer?.status ?? 0;
}
