import { once } from 'node:events';

import type { ParameterizedContext } from 'koa';

import { Problem } from '#contract/problems.ts';

import type { RequestState } from '../state.ts';
import { eventText, HEARTBEAT, retryText, type StreamEvent } from './event-text.ts';

/** One answer that goes on: a reply as it is written, or a feed. */
export interface EventStream {
  /** Aborted when the reader has left, has been connected for long enough, or this process stops. */
  readonly signal: AbortSignal;
  /** Writes, and waits until the reader has room again; false once the stream is over. Nothing piles up behind it. */
  send(events: readonly StreamEvent[]): Promise<boolean>;
  end(): void;
}

export interface EventStreams {
  /** Asked before any work: one stream more than this process holds is sent away. */
  requireRoom(): void;
  /** The first byte leaves here, with the headers set so far. A feed never ends by itself. */
  open(ctx: ParameterizedContext<RequestState>, options: StreamOptions): EventStream;
  /** This process is about to stop: feeds end at once, and come back elsewhere. */
  releaseFeeds(): void;
  release(): void;
  size(): number;
}

export interface StreamOptions {
  isFeed: boolean;
  /** Asked at each heartbeat; a reader that lost its right meanwhile is told no more. */
  mayReadOn?: (() => Promise<boolean>) | undefined;
}

export interface EventStreamTimes {
  heartbeatMs?: number;
  /** No stream lives longer: whoever still reads comes back, and whoever does not is forgotten. */
  lifeMs?: number;
}

const HEARTBEAT_MS = 15_000;
const LIFE_MS = 5 * 60_000;
const RETRY_MS = 1000;
const STREAMS_MAX = 5000;

interface OpenStream extends EventStream {
  isFeed: boolean;
}

export function createEventStreams({ heartbeatMs = HEARTBEAT_MS, lifeMs = LIFE_MS }: EventStreamTimes = {}) {
  const streams = new Set<OpenStream>();
  let isReleased = false;

  const eventStreams: EventStreams = {
    requireRoom() {
      if (!isReleased && streams.size < STREAMS_MAX) return;
      throw new Problem('unavailable', {
        detail: 'This process holds as many streams as it can. Nothing was changed; please send the request again.',
        headers: { 'Retry-After': '1' },
      });
    },
    open(ctx, options) {
      writeHead(ctx);
      const stream = begin(ctx.res, { ...options, heartbeatMs, lifeMs, onEnd: () => streams.delete(stream) });
      streams.add(stream);
      if (isReleased || ctx.res.destroyed) stream.end();
      return stream;
    },
    releaseFeeds() {
      for (const stream of streams) if (stream.isFeed) stream.end();
    },
    release() {
      isReleased = true;
      for (const stream of streams) stream.end();
    },
    size: () => streams.size,
  };
  return eventStreams;
}

/** Nothing on the way may keep, change or hold back what is told piece by piece. */
function writeHead(ctx: ParameterizedContext<RequestState>): void {
  ctx.respond = false;
  ctx.status = 200;
  ctx.set({
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
  });
  const timing = ctx.state.timing.header();
  if (timing !== '') ctx.set('Server-Timing', timing);
  if (!ctx.res.destroyed) ctx.res.write(retryText(RETRY_MS));
}

type Response = ParameterizedContext['res'];

function begin(
  response: Response,
  { isFeed, mayReadOn, heartbeatMs, lifeMs, onEnd }: Required<EventStreamTimes> & StreamOptions & { onEnd: () => void },
): OpenStream {
  const over = new AbortController();
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain) response.write(HEARTBEAT);
    if (mayReadOn !== undefined) void endUnless(mayReadOn);
  }, heartbeatMs);
  const life = setTimeout(end, lifeMs);
  response.once('close', end);
  response.once('error', end);

  function end(): void {
    if (over.signal.aborted) return;
    clearInterval(heartbeat);
    clearTimeout(life);
    onEnd();
    over.abort();
    // Whoever does not read what was written would not read the end of it either.
    if (response.writableNeedDrain) response.destroy();
    else if (!response.destroyed) response.end();
  }

  async function endUnless(stillMay: () => Promise<boolean>): Promise<void> {
    // A look that fails says nothing of the reader; what it reads by will fail as well.
    if (!(await stillMay().catch(() => true))) end();
  }

  return {
    isFeed,
    signal: over.signal,
    end,
    async send(events) {
      if (over.signal.aborted) return false;
      const isTaken = events.length === 0 || response.write(events.map(eventText).join(''));
      if (!isTaken) await once(response, 'drain', { signal: over.signal }).catch(() => null);
      return !over.signal.aborted;
    },
  };
}
