import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

import { lettersOf } from '../../bench/load/letters-of.ts';
import { type ChatStream, type SseEvent, streamChat } from '../fixtures/sse-reader.ts';
import { messageOf } from './chat-load.ts';
import type { Scene } from './fault.ts';

const GIVE_UP_AFTER_MS = 180_000;
const RESEND_PAUSE_MS = 200;

interface Reading {
  name: string;
  /** How often the reader leaves by itself, each time after a few events. */
  leaves?: number;
}

/** Readers of conversations as they are written, side by side, until this is done. */
export async function readAlongUntil(scene: Scene, { readers, until }: { readers: number; until: Promise<unknown> }) {
  let goesOn = true;
  const stop = (): void => {
    goesOn = false;
  };
  void until.then(stop, stop);
  let count = 0;
  const read = async (): Promise<void> => {
    while (goesOn) {
      count += 1;
      await readAlong(scene, { name: `read-${lettersOf(count)}` });
    }
  };
  await Promise.all(Array.from({ length: readers }, read));
}

/**
 * Reads one answer, and comes back with the same key and the last id it has seen wherever the line broke. What then
 * stands on its screen is the reply, to the letter, and the same key brings that reply as JSON too.
 */
export async function readAlong(scene: Scene, { name, leaves = 0 }: Reading): Promise<void> {
  const endMs = performance.now() + GIVE_UP_AFTER_MS;
  const place: Place = { screen: '', lastId: '' };
  for (let left = 0; performance.now() < endMs; left += 1) {
    const done = await readOn(scene, { name, place, eventMax: left < leaves ? scene.random.whole(1, 4) : Infinity });
    if (done !== null) return await compare(scene, { name, screen: place.screen, reply: done['reply'] });
    await pause(RESEND_PAUSE_MS);
  }
  scene.violations.push(`${name}: its stream never came to an end`);
}

/** What a reader has: it goes on from there. */
interface Place {
  screen: string;
  lastId: string;
}

interface Connecting {
  name: string;
  place: Place;
  eventMax: number;
}

/** One connection, until the answer is there, the reader leaves, or the line breaks. */
async function readOn(scene: Scene, { name, place, eventMax }: Connecting): Promise<Record<string, unknown> | null> {
  const stream = await streamChat(scene.product.url, {
    body: { session_id: `chaos-${name}`, message: messageOf(name), business_id: 'demo' },
    headers: { 'idempotency-key': name, ...(place.lastId === '' ? {} : { 'last-event-id': place.lastId }) },
    screen: place.screen,
    onEvent: leaveAfter(eventMax),
  }).catch(() => null);
  if (stream?.status !== 200) return null;
  const done = await stream.ended;
  place.screen = stream.screen();
  place.lastId = stream.lastId();
  if (done === null) add(scene, 'streamsResumed');
  return done;
}

function leaveAfter(events: number): (event: SseEvent, stream: ChatStream) => void {
  return (_event, stream) => {
    if (stream.events.length >= events) stream.leave();
  };
}

interface Compared {
  name: string;
  screen: string;
  reply: unknown;
}

async function compare(scene: Scene, { name, screen, reply }: Compared): Promise<void> {
  add(scene, 'streamsRead');
  if (screen !== reply) scene.violations.push(`${name}: "${screen}" on the screen, "${String(reply)}" as reply`);
  const call = { sessionId: `chaos-${name}`, key: name, message: messageOf(name), token: null };
  const { answer } = await scene.client.chat({ ...call, expects: `seen:1 mark:${name}` });
  if (answer?.body['reply'] !== reply) scene.violations.push(`${name}: another reply with the same key`);
}

function add({ figures }: Scene, figure: string): void {
  figures[figure] = (figures[figure] ?? 0) + 1;
}
