import { randomInt } from 'node:crypto';

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { SessionModel, type Burst, type Fences, type Step } from '../test/models/session-model.ts';

const ALL: Fences = {
  ownerAtFlush: true,
  ownerAtRecord: true,
  epoch: true,
  newestTryOnly: true,
  oneOutcome: true,
  agentSawEpoch: true,
  handBackCovers: true,
};
const RUNS = 10_000;
const SEED = randomInt(2 ** 31);

const pick = fc.nat({ max: 5 });
const agent = fc.nat({ max: 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('say'), streams: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('claim') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('lapse', 'stop', 'answer as a person') }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('flush'), pick }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('record', 'record', 'record', 'crash'), pick }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('look'), agent }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('take over', 'hand back'), agent }) },
);
// Chance alone seldom gets an agent all the way there and back while one try is at work.
const stretch: fc.Arbitrary<Step[]> = agent.map((who) => [
  { do: 'look', agent: who },
  { do: 'take over', agent: who },
  { do: 'answer as a person' },
  { do: 'look', agent: who },
  { do: 'hand back', agent: who },
]);
/** And seldom makes a try that was given up for dead wake up behind a newer one that has shown something. */
const overtaking: fc.Arbitrary<Step[]> = pick.map((asleep) => [
  { do: 'claim' },
  { do: 'lapse' },
  { do: 'claim' },
  { do: 'flush', pick: asleep + 1 },
  ...Array.from({ length: 3 }, () => ({ do: 'flush' as const, pick: asleep })),
  { do: 'record', pick: asleep },
]);
const part: fc.Arbitrary<Step[]> = fc.oneof(
  { weight: 18, arbitrary: step.map((each) => [each]) },
  { weight: 2, arbitrary: stretch },
  { weight: 1, arbitrary: overtaking },
);
const manySteps = fc.array(part, { minLength: 10, maxLength: 50, size: 'max' }).map((parts) => parts.flat());
const race = fc.record({
  burst: fc.constantFrom<Burst>('supersede', 'queue'),
  steps: manySteps,
});

interface Race {
  burst: Burst;
  steps: Step[];
}

function run({ burst, steps }: Race, fences: Fences): SessionModel {
  const session = new SessionModel(fences, burst);
  for (const each of steps) session.take(each);
  session.drain();
  return session;
}

/** The laws of a session, each as what breaks it: an empty list is a sound conversation. */
function broken(session: SessionModel): string[] {
  const { messages, turns, endedEpochs } = session;
  const laws: Record<string, boolean> = {
    'messages are numbered without a gap': messages.every(({ seq }, index) => seq === index + 1),
    'Bob is silent from a takeover to its hand-back': !spokeInBetween(session),
    'Bob never answers from before a takeover': !answersFromBefore(session),
    'text kept is text shown': keepsWhatWasShown(session),
    'a turn has one outcome': turns.every(({ outcome, closings }) => outcome !== null && closings === 1),
    'a turn has one hold': turns.every(({ holds }) => holds === 1),
    'a turn has one reply': turns.every((turn) => messages.filter((each) => isReplyOf(turn.id, each)).length <= 1),
    'a message is answered once': answeredOnce(session),
    'Bob does not answer what a person has answered': !answersAfterPerson(session),
    'an epoch is ended once': new Set(endedEpochs).size === endedEpochs.length,
    'a superseded turn is covered by a later one': turns.every(
      ({ id, outcome, coveredBy }) => outcome !== 'superseded' || (coveredBy ?? id) > id,
    ),
    'nobody is left without an answer': session.owner === 'human' || session.unansweredSeq() === null,
  };
  return Object.entries(laws).flatMap(([law, holds]) => (holds ? [] : [law]));
}

function isReplyOf(turn: number, message: SessionModel['messages'][number]): boolean {
  return message.author === 'ai' && message.turn === turn;
}

function spokeInBetween({ messages, stretches }: SessionModel): boolean {
  const spoken = messages.filter(({ author }) => author === 'ai');
  return spoken.some(({ seq }) => stretches.some(({ from, until }) => from <= seq && seq < until));
}

function answersFromBefore({ messages, stretches, turns }: SessionModel): boolean {
  return turns.some(({ id, claimedAt }) => {
    const reply = messages.find((message) => isReplyOf(id, message) && !message.isCut);
    return reply !== undefined && stretches.some(({ from }) => claimedAt <= from && from <= reply.seq);
  });
}

function keepsWhatWasShown({ messages, turns, screens }: SessionModel): boolean {
  return turns.every(({ id, streams }) => {
    const kept = messages.find((message) => isReplyOf(id, message))?.text ?? '';
    return !streams || kept === (screens.get(id)?.text ?? '');
  });
}

function answeredOnce({ messages, turns }: SessionModel): boolean {
  const whole = messages.filter(({ author, isCut }) => author === 'ai' && !isCut);
  const answered = whole.map(({ turn }) => turns.find(({ id }) => id === turn)?.answersSeq);
  return new Set(answered).size === answered.length;
}

/** A person wrote after the message and handed back, and then Bob answered it after all. */
function answersAfterPerson({ messages, turns }: SessionModel): boolean {
  return turns.some(({ id, answersSeq }) => {
    const reply = messages.find((message) => isReplyOf(id, message) && !message.isCut);
    const between = messages.filter(({ seq }) => answersSeq < seq && seq < (reply?.seq ?? 0));
    return between.some(({ author }) => author === 'human') && between.some(({ author }) => author === 'system');
  });
}

test(`${RUNS} random orders of a session's statements leave a sound conversation (seed ${SEED})`, () => {
  fc.assert(
    fc.property(race, (each) => {
      expect(broken(run(each, ALL))).toEqual([]);
    }),
    { numRuns: RUNS, seed: SEED },
  );
}, 120_000);

test('the orders tried take over running turns, before and after text was shown', () => {
  const sessions = fc.sample(race, { numRuns: 1_000, seed: SEED }).map((each) => run(each, ALL));
  const suppressed = sessions.flatMap(({ turns, screens }) =>
    turns.filter(({ outcome }) => outcome === 'suppressed_by_human').map(({ id }) => screens.has(id)),
  );
  expect(suppressed.filter((wasShown) => wasShown).length).toBeGreaterThan(20);
  expect(suppressed.filter((wasShown) => !wasShown).length).toBeGreaterThan(20);
});

const BITES: [(keyof Fences)[], string][] = [
  [['ownerAtFlush'], 'text kept is text shown'],
  [['ownerAtRecord'], 'Bob is silent from a takeover to its hand-back'],
  [['epoch'], 'text kept is text shown'],
  // Either of the two keeps a try of before a takeover from answering after the hand-back.
  [['epoch', 'handBackCovers'], 'Bob never answers from before a takeover'],
  [['newestTryOnly'], 'text kept is text shown'],
  // Either of the two keeps a duplicate from closing the turn again.
  [['oneOutcome', 'newestTryOnly'], 'a turn has one outcome'],
  [['agentSawEpoch'], 'an epoch is ended once'],
  [['handBackCovers'], 'a message is answered once'],
  [['handBackCovers'], 'Bob does not answer what a person has answered'],
];

test.each(BITES)('without the fence %s the laws notice: %s', (removed, law) => {
  const fences = { ...ALL, ...Object.fromEntries(removed.map((fence) => [fence, false])) };
  const found = fc.check(
    fc.property(race, (each) => !broken(run(each, fences)).includes(law)),
    { numRuns: RUNS, seed: SEED, endOnFailure: true },
  );
  expect(found.failed, `seed ${SEED}`).toBe(true);
});
