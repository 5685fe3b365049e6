import { setTimeout as pause } from 'node:timers/promises';

import { lettersOf } from '../../../bench/load/letters-of.ts';
import type { Operation } from '../chat-client.ts';
import { messageOf } from '../chat-load.ts';
import { checkIndexes } from '../check-indexes.ts';
import type { Fault, Scene } from '../fault.ts';

const TEMPORAL_AWAY_S = 60;
const POSTGRES_AWAY_S = 30;
/** A short run has a short absence. */
const AWAY_SHARE = 0.5;
const ROWS_SHOWN = 3;
const SPEAK_EACH_MS = 500;

/** F3: messages are taken or honestly refused while it is away; the sweeper drives what was taken. */
export const temporalAway: Fault = {
  id: 'F3',
  title: 'Temporal is killed and stays away',
  async strike(scene) {
    await scene.later(0.15, 0.3);
    scene.hit('temporal');
    await scene.product.temporal.goAway();
    const pending = await speakMeanwhile(scene, 'temporal', awayMs(scene, TEMPORAL_AWAY_S));
    await scene.product.temporal.comeBack();
    await pending.done;
  },
  async expect(scene) {
    refuseOtherStatuses(scene, scene.client.operations, [200, 202, 503]);
  },
};

/** F4: killed, stopped at once, away, and every connection reset. */
export const postgresAway: Fault = {
  id: 'F4',
  title: 'PostgreSQL is killed, stopped at once and away, and its connections are reset',
  async strike(scene) {
    const { postgres, databaseWire } = scene.product;
    await scene.later(0.1, 0.15);
    scene.hit('connections');
    scene.figures['connectionsReset'] = databaseWire.cut();
    await scene.later(0.2, 0.3);
    scene.hit('postgres killed');
    postgres.killNow();
    await scene.later(0.45, 0.5);
    scene.hit('postgres stopped');
    await postgres.goAway();
    const pending = await speakMeanwhile(scene, 'postgres', awayMs(scene, POSTGRES_AWAY_S) / 2);
    await postgres.comeBack();
    await pending.done;
  },
  async expect(scene) {
    refuseOtherStatuses(scene, scene.client.operations, [200, 202, 503]);
    const { rows } = await scene.product.knex.raw<{ rows: object[] }>(`
      select l.turn_id from usage_line l left join message m on m.tenant_id = l.tenant_id and m.turn_id = l.turn_id
        and m.author = 'ai' where m.id is null limit ${ROWS_SHOWN}`);
    if (rows.length > 0) scene.violations.push(`charged without a reply: ${JSON.stringify(rows)}`);
    const { checked, broken } = await checkIndexes(scene.product.postgres.adminUrl());
    scene.figures['amchecked'] = checked;
    scene.violations.push(...broken.slice(0, ROWS_SHOWN));
  },
};

/** Conversations that begin while a part is away: those of the load may all be waiting. They end when it is back. */
async function speakMeanwhile(
  { client, figures }: Scene,
  name: string,
  spanMs: number,
): Promise<{ done: Promise<unknown> }> {
  const endMs = performance.now() + spanMs;
  const pending: Promise<Operation>[] = [];
  for (let count = 1; performance.now() < endMs; count += 1) {
    const key = `away-${name}-${lettersOf(count)}`;
    const call = { sessionId: `chaos-${key}`, key, message: messageOf(key), token: null };
    pending.push(client.chat({ ...call, expects: `seen:1 mark:${key}` }));
    await pause(SPEAK_EACH_MS);
  }
  figures['sentWhileAway'] = pending.length;
  const done = Promise.all(pending).then((operations) => {
    figures['refusedWhileAway'] = operations.filter(({ statuses }) => statuses.includes(503)).length;
  });
  return { done };
}

function awayMs({ seconds }: Scene, longest: number): number {
  return Math.min(longest, seconds * AWAY_SHARE) * 1000;
}

export function refuseOtherStatuses(
  { violations }: Scene,
  operations: readonly Operation[],
  allowed: readonly number[],
): void {
  const wrong = operations.filter(({ statuses }) => statuses.some((status) => !allowed.includes(status)));
  for (const { key, statuses } of wrong.slice(0, ROWS_SHOWN)) violations.push(`${key} got ${statuses.join(' ')}`);
  const rude = operations.filter(({ waits }) => waits.includes(false));
  for (const { key } of rude.slice(0, ROWS_SHOWN)) violations.push(`${key} was refused without Retry-After`);
}
