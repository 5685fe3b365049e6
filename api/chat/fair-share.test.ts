import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import type { TenantId } from '#domain/ids.ts';

import { quantile } from '../../bench/load/statistics.ts';
import { createSeededRandom } from '../../test/chaos/seeded-random.ts';
import { createFairShare } from './fair-share.ts';
import { createHandoverLine } from './handover-line.ts';

// The clock of the machine is its own; nobody in here waits for so long that a timer would tell.
beforeAll(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterAll(() => void vi.useRealTimers());

const CORES = 2;
const STEPS = 5;
const STEP_MS = 15;
const BREATH_MS = 250;
const IN_FLIGHT_MAX = 100;
/** What this machine can do, and no more. */
const PEAK_PER_S = (CORES * 1000) / (STEPS * STEP_MS);

interface Turn {
  atMs: number;
  modelMs: number;
  modelLeftMs: number;
  stepsLeft: number;
  /** Of the step that has a core; 0 while it waits for one. */
  stepLeftMs: number;
  leave(): number | null;
  done(): void;
}

interface Tenant {
  id: TenantId;
  /** Accepted and not answered. */
  inFlight: number;
  /** Those of them that are at work. */
  turns: Set<Turn>;
  /** Turns that were not begun at once. */
  held: number;
  lastAtMs: number;
  tookMs: number[];
  refused: number;
}

interface Machine {
  nowMs(): number;
  ask(tenant: Tenant, done?: () => void): boolean;
  tenant(): Tenant;
  run(seconds: number, eachMs: () => void): void;
}

/** On a clock of its own: each step of a turn takes a core, whoever's turn it is; a wait for the model takes none. */
function startMachine({ modelMs = 0 } = {}): Machine {
  const random = createSeededRandom(7);
  const tenants: Tenant[] = [];
  let nowMs = 0;
  const isActive = ({ inFlight, lastAtMs }: Tenant): boolean => inFlight > 0 || nowMs - lastAtMs < 10_000;
  const share = createFairShare({
    nowMs: () => nowMs,
    inFlight: () => tenants.filter(isActive).map(({ inFlight }) => inFlight),
  });
  const line = createHandoverLine({ nowMs: () => nowMs, allowance: share.allowance });

  function workFor(tenant: Tenant, turn: Turn): void {
    if (turn.modelLeftMs > 0) turn.modelLeftMs -= 1;
    if (turn.stepLeftMs === 0) return;
    turn.stepLeftMs -= 1;
    if (turn.stepLeftMs > 0) return;
    turn.stepsLeft -= 1;
    if (turn.stepsLeft === 0) end(tenant, turn);
  }

  function end(tenant: Tenant, turn: Turn): void {
    tenant.turns.delete(turn);
    tenant.inFlight -= 1;
    tenant.tookMs.push(nowMs - turn.atMs);
    const toldAt = turn.leave() ?? nowMs;
    share.hear({ ownMs: nowMs - toldAt - turn.modelMs, modelMs: turn.modelMs });
    line.serve();
    turn.done();
  }

  function giveCores(): void {
    const all = tenants.flatMap(({ turns }) => [...turns]);
    const waiting = all.filter(({ modelLeftMs, stepLeftMs }) => modelLeftMs <= 0 && stepLeftMs === 0);
    let free = CORES - all.filter(({ stepLeftMs }) => stepLeftMs > 0).length;
    for (; free > 0 && waiting.length > 0; free -= 1) {
      const [next] = waiting.splice(random.whole(0, waiting.length - 1), 1);
      if (next !== undefined) next.stepLeftMs = random.whole(STEP_MS / 2, STEP_MS * 1.5);
    }
  }

  return {
    nowMs: () => nowMs,
    tenant() {
      const id = randomUUID();
      const tenant = { id, inFlight: 0, turns: new Set<Turn>(), held: 0, lastAtMs: -Infinity, tookMs: [], refused: 0 };
      tenants.push(tenant);
      return tenant;
    },
    ask(tenant, done = () => undefined) {
      if (tenant.inFlight >= IN_FLIGHT_MAX) {
        tenant.refused += 1;
        return false;
      }
      tenant.lastAtMs = nowMs;
      const model = modelMs * random.between(0.5, 1.5);
      const work = { modelMs: model, modelLeftMs: model, stepsLeft: STEPS, stepLeftMs: 0 };
      const turn: Turn = { atMs: nowMs, ...work, done, leave: () => null };
      tenant.inFlight += 1;
      const waiting = line.enter(tenant.id, () => tenant.turns.add(turn));
      turn.leave = waiting.leave;
      if (!tenant.turns.has(turn)) tenant.held += 1;
      return true;
    },
    run(seconds, eachMs) {
      for (const endMs = nowMs + seconds * 1000; nowMs < endMs; nowMs += 1) {
        eachMs();
        giveCores();
        for (const tenant of tenants) for (const turn of tenant.turns) workFor(tenant, turn);
      }
    },
  };
}

/** One conversation that goes on when its answer is there; who is refused comes back a little later. */
function converse(machine: Machine, tenant: Tenant, breathMs = BREATH_MS): () => void {
  let dueMs = 0;
  return () => {
    if (machine.nowMs() < dueMs) return;
    dueMs = Infinity;
    const wentIn = machine.ask(tenant, () => void (dueMs = machine.nowMs() + breathMs));
    if (!wentIn) dueMs = machine.nowMs() + BREATH_MS;
  };
}

function conversations(machine: Machine, tenant: Tenant, count: number, breathMs?: number): () => void {
  const all = Array.from({ length: count }, () => converse(machine, tenant, breathMs));
  return () => all.forEach((goOn) => goOn());
}

function flood(machine: Machine, tenant: Tenant, perS: number): () => void {
  let due = 0;
  return () => {
    for (due += perS / 1000; due >= 1; due -= 1) machine.ask(tenant);
  };
}

const p95 = ({ tookMs }: Tenant): number => quantile(tookMs, 0.95) ?? Infinity;

describe('beside a flood', () => {
  it('a quiet tenant takes little more than twice as long, and four fifths of what the machine can do are done', () => {
    const machine = startMachine();
    const [quiet, loud] = [machine.tenant(), machine.tenant()];
    const chat = conversations(machine, quiet, 2);
    machine.run(20, chat);
    const aloneMs = p95(quiet);
    quiet.tookMs = [];
    const rush = flood(machine, loud, PEAK_PER_S * 10);
    machine.run(60, () => [chat, rush].forEach((each) => each()));
    expect(p95(quiet) / aloneMs).toBeLessThanOrEqual(2.5);
    expect((quiet.tookMs.length + loud.tookMs.length) / 60 / PEAK_PER_S).toBeGreaterThanOrEqual(0.8);
    expect(quiet.refused).toBe(0);
  });

  it('two that flood are held for the sake of a third', () => {
    const machine = startMachine();
    const [quiet, one, other] = [machine.tenant(), machine.tenant(), machine.tenant()];
    const parts = [conversations(machine, quiet, 1), flood(machine, one, 200), flood(machine, other, 100)];
    machine.run(10, () => parts.forEach((each) => each()));
    quiet.tookMs = [];
    machine.run(30, () => parts.forEach((each) => each()));
    // One turn of its own and about two of each flood share two cores.
    expect(p95(quiet)).toBeLessThanOrEqual(5 * STEPS * STEP_MS);
  });
});

describe('nobody waits for the sake of another one', () => {
  it('who chats alone, however many conversations share the cores', () => {
    const machine = startMachine();
    const busy = machine.tenant();
    machine.run(30, conversations(machine, busy, 64, 0));
    expect(busy.held).toBe(0);
    expect(busy.tookMs.length / 30 / PEAK_PER_S).toBeGreaterThan(0.9);
  });

  it('where tenants are about as busy as each other, however slow that is', () => {
    const machine = startMachine();
    const [one, other] = [machine.tenant(), machine.tenant()];
    const parts = [conversations(machine, one, 32, 0), conversations(machine, other, 28, 0)];
    machine.run(5, () => parts.forEach((each) => each()));
    for (const tenant of [one, other]) tenant.held = 0;
    machine.run(30, () => parts.forEach((each) => each()));
    expect([one.held, other.held]).toEqual([0, 0]);
  });

  it('below what the machine can do with a slow model, though hundreds of milliseconds pass', () => {
    const machine = startMachine({ modelMs: 2000 });
    const [quiet, busy] = [machine.tenant(), machine.tenant()];
    const parts = [conversations(machine, quiet, 2), flood(machine, busy, PEAK_PER_S / 2)];
    machine.run(10, () => parts.forEach((each) => each()));
    busy.held = 0;
    machine.run(30, () => parts.forEach((each) => each()));
    expect([quiet.held, busy.held]).toEqual([0, 0]);
  });

  it('when the flood is over, whoever flooded before', () => {
    const machine = startMachine();
    const [quiet, loud] = [machine.tenant(), machine.tenant()];
    const chat = conversations(machine, quiet, 1);
    const rush = flood(machine, loud, 300);
    machine.run(20, () => [chat, rush].forEach((each) => each()));
    machine.run(20, chat);
    loud.held = 0;
    const busy = flood(machine, loud, PEAK_PER_S / 3);
    machine.run(10, () => [chat, busy].forEach((each) => each()));
    expect(loud.held).toBe(0);
  });
});
