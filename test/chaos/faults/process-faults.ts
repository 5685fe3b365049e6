import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

import type { Fault, Scene } from '../fault.ts';
import { readAlongUntil } from '../read-along.ts';

const SLOW_MODEL = 'stub-20-5-40';
const POLL_MS = 2;
const READERS = 4;

/** F1: who waits or reads along gets all of the answer with the same key, from the API that comes next. */
export const apiKilled: Fault = {
  id: 'F1',
  title: 'the API is killed in the middle of turns and streams',
  model: SLOW_MODEL,
  async strike(scene) {
    const struck = killApiTwice(scene);
    await readAlongUntil(scene, { readers: READERS, until: struck });
    await struck;
  },
  async expect({ figures, violations }) {
    if (!figures['streamsResumed']) violations.push('no stream was cut, so none was resumed');
  },
};

async function killApiTwice(scene: Scene): Promise<void> {
  for (const [from, to] of [
    [0.2, 0.4],
    [0.6, 0.8],
  ] as const) {
    await scene.later(from, to);
    await untilModelRuns(scene, 1);
    scene.hit(`api ${from}`);
    scene.product.api.kill('SIGKILL');
    await scene.product.api.ended;
    await scene.product.startApi();
    await untilAnswered(scene);
  }
}

/** F2: before, during and after the model call, as the stub's own count of running calls tells. */
export const workerKilled: Fault = {
  id: 'F2',
  title: 'the worker is killed before, during and after the model call',
  model: SLOW_MODEL,
  async strike(scene) {
    const before = scene.product.stub.stats().repeatedMessages;
    let inFlight = 0;
    const moments = [
      ['before', [0.1, 0.25], () => untilWorkWaits(scene)],
      ['during', [0.4, 0.55], () => untilModelRuns(scene, 2)],
      ['after', [0.7, 0.8], () => untilCallEnds(scene)],
    ] as const;
    for (const [name, [from, to], moment] of moments) {
      await scene.later(from, to);
      await moment();
      scene.hit(`worker ${name}`);
      scene.worker.kill('SIGKILL');
      await scene.worker.ended;
      inFlight += scene.client.operations.filter(({ state }) => state === 'unknown').length;
      scene.worker = await scene.product.startWorker();
      await untilAnswered(scene);
    }
    scene.figures['repeatable'] = inFlight;
    scene.figures['repeatedBefore'] = before;
  },
  async expect(scene, operations) {
    const { repeatable = 0, repeatedBefore = 0 } = scene.figures;
    const repeated = scene.product.stub.stats().repeatedMessages - repeatedBefore;
    delete scene.figures['repeatedBefore'];
    if (repeated > repeatable) scene.violations.push(`${repeated} calls repeated, ${repeatable} turns were in flight`);
    const broken = operations.filter((each) => each.statuses.some((status) => status !== 200 && status !== 202));
    if (broken.length > 0)
      scene.violations.push(`${broken.length} messages saw more than a wait, as ${broken[0]?.key}`);
  },
};

/** F17: nothing is left running; everything starts cold on what lies on the disk. */
export const allKilled: Fault = {
  id: 'F17',
  title: 'API, worker, Temporal and PostgreSQL are killed at once',
  model: SLOW_MODEL,
  async strike(scene) {
    const { product } = scene;
    await scene.later(0.3, 0.6);
    await untilModelRuns(scene, 1);
    scene.hit('everything');
    product.api.kill('SIGKILL');
    scene.worker.kill('SIGKILL');
    product.temporal.killNow();
    product.postgres.killNow();
    await Promise.all([product.api.ended, scene.worker.ended]);
    // A server that is being started again is let come up first: what is tested is the data, not the order of starts.
    await product.postgres.goAway();
    await product.temporal.goAway();
    await product.postgres.comeBack();
    await product.temporal.comeBack();
    await product.startApi();
    scene.worker = await product.startWorker();
  },
};

/** A moment that never comes is a fault that was never tried, and no pass. */
async function untilModelRuns(scene: Scene, calls: number): Promise<void> {
  await untilTrue(scene, () => {
    const { runningCalls } = scene.product.stub.stats();
    return runningCalls >= calls;
  });
}

/** Accepted and handed over, but not with the model. */
async function untilWorkWaits(scene: Scene): Promise<void> {
  const { operations } = scene.client;
  await untilTrue(scene, () => {
    const isWaiting = operations.some(({ state }) => state === 'unknown');
    return isWaiting && scene.product.stub.stats().runningCalls === 0;
  });
}

async function untilCallEnds(scene: Scene): Promise<void> {
  const { product } = scene;
  const ended = (): number => product.stub.stats().calls - product.stub.stats().runningCalls;
  const before = ended();
  await untilTrue(scene, () => ended() > before);
}

/** Who waited when it was struck has its answer before the next strike: a gap is the work of one. */
async function untilAnswered(scene: Scene): Promise<void> {
  const waited = scene.client.operations.filter(({ state }) => state === 'unknown');
  await untilTrue(scene, () => waited.every(({ state }) => state !== 'unknown'));
}

/** Longer than the worst gap after a kill: the next moment needs conversations that go on. */
const MOMENT_MS = 90_000;

async function untilTrue(scene: Scene, isTrue: () => boolean): Promise<void> {
  const endMs = performance.now() + MOMENT_MS;
  while (performance.now() < endMs) {
    if (isTrue()) return;
    await pause(POLL_MS);
  }
  scene.violations.push('the moment to strike never came');
}
