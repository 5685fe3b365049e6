import { allowanceOf, nextShare, slownessOf } from '#domain/fair-share.ts';

/** Of an answer that waited behind no other one of its conversation. */
export interface HeardAnswer {
  /** From acceptance to answer, the model's time left out. */
  ownMs: number;
  modelMs: number;
}

export interface FairShare {
  hear(answer: HeardAnswer): void;
  /** How many turns of one tenant may be at work now; the others of it wait. */
  allowance(): number;
}

interface FairShareDeps {
  nowMs(): number;
  /** Of each tenant that chats now, how many turns it has in flight. */
  inFlight(): number[];
}

const DECIDE_AFTER_MS = 500;
/** Who chats beside whom changes faster than that, and to look is not for each message. */
const LOOK_AFTER_MS = 20;
/** Fewer answers say nothing about a whole machine; where so few come for so long, it is not busy. */
const ANSWERS_MIN = 5;
const QUIET_AFTER_MS = 10_000;
const ANSWERS_MAX = 1000;
const FASTEST_KEPT_MS = 5 * 60_000;

/** The share of this moment, by what this process hears of its own callers: it costs no statement. */
export function createFairShare({ nowMs, inFlight }: FairShareDeps): FairShare {
  const fastest = createFastest(nowMs);
  let heard: HeardAnswer[] = [];
  let decidedAt = nowMs();
  // A process that starts into the load of others holds nobody before it has heard answers.
  let share = Infinity;
  let allowance = Infinity;
  let lookedAt = -Infinity;

  function decideWhereDue(): void {
    const hasHeard = heard.length >= ANSWERS_MIN;
    if (nowMs() - decidedAt < (hasHeard ? DECIDE_AFTER_MS : QUIET_AFTER_MS)) return;
    const slowness = hasHeard ? slownessOf({ ...middleOf(heard), fastestMs: fastest.ms() }) : 0;
    share = nextShare({ share, slowness, inFlight: inFlight() });
    heard = [];
    decidedAt = nowMs();
  }

  return {
    hear(answer) {
      fastest.hear(answer.ownMs);
      if (heard.length < ANSWERS_MAX) heard.push(answer);
      decideWhereDue();
    },
    allowance() {
      decideWhereDue();
      if (nowMs() - lookedAt >= LOOK_AFTER_MS) {
        allowance = allowanceOf({ share, inFlight: inFlight() });
        lookedAt = nowMs();
      }
      return allowance;
    },
  };
}

/** The smallest figure of five to ten minutes, in two numbers. */
function createFastest(nowMs: () => number) {
  let [before, now] = [Infinity, Infinity];
  let since = nowMs();
  return {
    hear(ms: number): void {
      if (nowMs() - since >= FASTEST_KEPT_MS) [before, now, since] = [now, Infinity, nowMs()];
      now = Math.min(now, Math.max(1, ms));
    },
    ms: () => Math.min(before, now),
  };
}

function middleOf(heard: readonly HeardAnswer[]): HeardAnswer {
  return { ownMs: middle(heard.map(({ ownMs }) => ownMs)), modelMs: middle(heard.map(({ modelMs }) => modelMs)) };
}

function middle(figures: number[]): number {
  return figures.toSorted((a, b) => a - b)[figures.length >> 1] ?? 0;
}
