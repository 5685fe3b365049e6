import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

import { lettersOf } from '../../../bench/load/letters-of.ts';
import { type Operation, tokenIn } from '../chat-client.ts';
import { messageOf } from '../chat-load.ts';
import type { Fault, Scene } from '../fault.ts';
import { readAlong } from '../read-along.ts';

const LEAVERS = 32;
const SAME_KEY = 16;
const QUIET_MS = 20_000;
/** Connections to the database and to Temporal may come and go. */
const FDS_MAY_GROW = 8;

/** F6: a caller that is gone still has its turn, once; nothing of the caller stays open. */
export const clientGone: Fault = {
  id: 'F6',
  title: 'clients go away before their answer, and in the middle of a stream',
  model: 'stub-20-5-40',
  async strike(scene) {
    await scene.later(0.1, 0.2);
    const base = openFiles(scene);
    const names = Array.from({ length: LEAVERS }, (_, index) => `leaver-${lettersOf(index)}`);
    await Promise.all(names.map((name) => leave(scene, name)));
    for (const name of names) await scene.client.chat({ ...callOf(name), token: null });
    const readers = Array.from({ length: LEAVERS }, (_, index) => `reader-${lettersOf(index)}`);
    await Promise.all(readers.map((name) => readAlong(scene, { name, leaves: scene.random.whole(1, 3) })));
    scene.figures['filesBefore'] = base;
  },
  async expect(scene) {
    const { filesBefore = 0 } = scene.figures;
    const endMs = performance.now() + QUIET_MS;
    while (openFiles(scene) > filesBefore + FDS_MAY_GROW && performance.now() < endMs) await pause(500);
    const files = openFiles(scene);
    scene.figures['filesAfter'] = files;
    if (files > filesBefore + FDS_MAY_GROW) scene.violations.push(`${files} open files, ${filesBefore} before`);
  },
};

function callOf(name: string) {
  return { sessionId: `chaos-${name}`, key: name, message: messageOf(name), expects: `seen:1 mark:${name}` };
}

/** Sends the whole request and breaks the connection at a drawn moment before the answer. */
async function leave({ product, random }: Scene, name: string): Promise<void> {
  const { sessionId, key, message } = callOf(name);
  const body = JSON.stringify({ session_id: sessionId, message, business_id: 'demo' });
  const headers = { 'content-type': 'application/json', 'idempotency-key': key };
  const call = request(`${product.url}/api/chat`, { method: 'POST', headers, agent: false });
  call.on('error', () => undefined);
  call.end(body);
  await pause(random.between(0, 200));
  call.destroy();
}

function openFiles({ product }: Scene): number {
  return process.platform === 'linux' ? readdirSync(`/proc/${product.api.pid}/fd`).length : 0;
}

/** F7: one key is one effect, however often and whenever it is sent. */
export const sameKey: Fault = {
  id: 'F7',
  title: 'one key is sent 16 times at once, after success, and with another body',
  load: null,
  async strike(scene) {
    const endMs = performance.now() + scene.seconds * 1000;
    for (let round = 1; performance.now() < endMs; round += 1) await sendManyTimes(scene, `same-${lettersOf(round)}`);
  },
};

async function sendManyTimes(scene: Scene, name: string): Promise<void> {
  const { client, violations } = scene;
  const sends = Array.from({ length: SAME_KEY }, () => client.chat({ ...callOf(name), token: null }));
  const operations = await Promise.all(sends);
  const answers = new Set(operations.map(sameParts));
  if (answers.size !== 1) violations.push(`${name}: ${[...answers].slice(0, 2).join(' and ')}`);
  const [first] = operations;
  if (first === undefined) return;
  const other = await client.sendAgain(first, messageOf(`${name}-other`));
  if (other.status !== 422) violations.push(`${name} with another body: status ${other.status}`);
  const calls = scene.product.stub.stats().log.filter((call) => call.mark === name).length;
  if (calls !== 1) violations.push(`${name}: ${calls} model calls`);
}

function sameParts({ answer }: Operation): string {
  const { turn_id: turnId, seq, reply, outcome, session_token: token } = answer?.body ?? {};
  return JSON.stringify({ turnId, seq, reply, outcome, token });
}

/** F8: messages that arrive together are all kept, each with its own number. */
export const parallelMessages: Fault = {
  id: 'F8',
  title: 'two to four messages of one session arrive at once',
  load: null,
  outcomes: ['answered', 'superseded'],
  async strike(scene) {
    const endMs = performance.now() + scene.seconds * 1000;
    const converse = async (lane: number): Promise<void> => {
      for (let round = 1; performance.now() < endMs; round += 1) {
        await speakAtOnce(scene, `burst-${lettersOf(lane)}-${lettersOf(round)}`);
      }
    };
    await Promise.all(Array.from({ length: 16 }, (_, lane) => converse(lane + 1)));
  },
};

async function speakAtOnce({ client, random, violations }: Scene, name: string): Promise<void> {
  const sessionId = `chaos-${name}`;
  const first = await client.chat({ sessionId, key: name, message: messageOf(name), token: null });
  const token = tokenIn(first.answer);
  const keys = Array.from({ length: random.whole(2, 4) }, (_, index) => `${name}-${lettersOf(index + 1)}`);
  const all = await Promise.all(keys.map((key) => client.chat({ sessionId, key, message: messageOf(key), token })));
  const own = all.filter(({ answer }) => answer?.body['outcome'] === 'answered');
  const seqs = new Set(own.map(({ answer }) => answer?.body['seq']));
  if (seqs.size !== own.length) violations.push(`${name}: two replies with one number`);
}
