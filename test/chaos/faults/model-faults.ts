import { setTimeout as pause } from 'node:timers/promises';

import type { Fault } from '../fault.ts';

const QUICK =
  ' !!500x1 !!429x1 !!cutx1 !!earlyx1 !!malformedx1 !!emptyx1 !!usage !!big !!500 !!cut !!malformed !!empty';
const SLOW = ' !!hangx1 !!dripx1';
const REFUSED_MS = 3000;
const ROWS_SHOWN = 3;

/** F5: all the stub can do wrong, once and always, and a model server that refuses connections. */
export const modelFaults: Fault = {
  id: 'F5',
  title: 'the model fails in every way it can, and refuses connections',
  load: loadWith(QUICK + SLOW),
  outcomes: ['answered', 'failed', 'escalated', 'refused', 'blocked'],
  async strike(scene) {
    await scene.later(0.4, 0.6);
    scene.hit('model refused');
    scene.product.modelWire.setMode('refuse');
    await pause(REFUSED_MS);
    scene.product.modelWire.setMode('pass');
  },
  async expect(scene, operations) {
    const mute = operations.filter(({ answer }) => answer?.status === 200 && !answer.body['reply']);
    for (const { key } of mute.slice(0, ROWS_SHOWN)) scene.violations.push(`${key} ended without a word`);
    scene.figures['failed'] = operations.filter(({ answer }) => answer?.body['outcome'] === 'failed').length;
    const { rows } = await scene.product.knex.raw<{ rows: object[] }>(`
      select t.id, h.settled_mc from turn t join credit_hold h on h.tenant_id = t.tenant_id and h.turn_id = t.id
      where t.outcome = 'failed' and coalesce(h.settled_mc, 0) > 0 limit ${ROWS_SHOWN}`);
    if (rows.length > 0) scene.violations.push(`failed and charged: ${JSON.stringify(rows)}`);
  },
};

/** The same without what is only slow: a model that hangs costs the whole patience of a turn. */
export const quickModelFaults: Fault = { ...modelFaults, load: loadWith(QUICK) };

function loadWith(directives: string): NonNullable<Fault['load']> {
  const each = directives.split(' ');
  return { extra: (count) => each[count % each.length] ?? '', turnsPerSession: 3 };
}
