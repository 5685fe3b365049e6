/** The checks that keep a session in order. A test takes one away to see that its laws notice. */
export interface Fences {
  /** A chunk leaves only while Bob owns the session, */
  ownerAtFlush: boolean;
  /** and a reply is stored only then. */
  ownerAtRecord: boolean;
  /** Both ask for the epoch in which the try began: a session handed back is Bob's again, but not that try's. */
  epoch: boolean;
  /** Only the newest try of a turn may release or record: one that was given up for dead may wake up again. */
  newestTryOnly: boolean;
  /** A turn that has ended stays as it ended. */
  oneOutcome: boolean;
  /** An agent changes the owner of the epoch they looked at, and of no other. */
  agentSawEpoch: boolean;
  /** A message that a hand-back's turn answers is not answered by its own turn as well. */
  handBackCovers: boolean;
}

export type Burst = 'supersede' | 'queue';

export type Step =
  | { do: 'say'; streams: boolean }
  | { do: 'claim' | 'lapse' | 'stop' | 'answer as a person' }
  | { do: 'flush' | 'record' | 'crash'; pick: number }
  | { do: 'look' | 'take over' | 'hand back'; agent: number };

export interface Message {
  seq: number;
  author: 'visitor' | 'ai' | 'human' | 'system';
  turn: number | null;
  text: string;
  isCut: boolean;
}

export interface Turn {
  id: number;
  /** The message it answers; a hand-back's turn answers one from before its own place in the order. */
  answersSeq: number;
  messageSeq: number;
  streams: boolean;
  outcome: 'answered' | 'suppressed_by_human' | 'superseded' | null;
  coveredBy: number | null;
  tries: number;
  /** The number the next message had when its newest try began. */
  claimedAt: number;
  isLeased: boolean;
  isStopped: boolean;
  holds: number;
  closings: number;
}

interface Try {
  turn: Turn;
  attempt: number;
  epoch: number;
  flushed: string[];
}

type Ending = { outcome: NonNullable<Turn['outcome']>; text: string; isCut: boolean; coveredBy: number | null };

const CHUNKS_OF_REPLY = 3;

/**
 * One session with its turns, written as small as it goes: each method is one statement or one transaction of the
 * product, so that any order of calls is an order in which PostgreSQL may run them.
 */
export class SessionModel {
  readonly messages: Message[] = [];
  readonly turns: Turn[] = [];
  /** From a takeover to its hand-back, in numbers of messages. */
  readonly stretches: { from: number; until: number }[] = [];
  /** The epochs that somebody has ended. */
  readonly endedEpochs: number[] = [];
  /** What a visitor who streams the turn has before their eyes. */
  readonly screens = new Map<number, { attempt: number; text: string }>();
  owner: 'ai' | 'human' = 'ai';
  readonly #fences: Fences;
  readonly #burst: Burst;
  readonly #chunks: { turn: number; attempt: number; text: string }[] = [];
  readonly #seenEpochs = [0, 0];
  #tries: Try[] = [];
  #epoch = 0;
  #nextSeq = 1;

  constructor(fences: Fences, burst: Burst) {
    this.#fences = fences;
    this.#burst = burst;
  }

  take(step: Step): void {
    if ('streams' in step) return this.#accept(step.streams);
    if ('pick' in step) return this.#onTry(step.do, step.pick);
    if ('agent' in step) return this.#onAgent(step.do, step.agent);
    if (step.do === 'answer as a person') return this.#answerAsPerson();
    return this.#onOldest(step.do);
  }

  /** Lets the workers go on until nothing is left to do: each round ends the oldest turn, where the fences stand. */
  drain(): void {
    for (const _ of this.turns) {
      this.take({ do: 'lapse' });
      this.take({ do: 'claim' });
      const pick = this.#tries.length - 1;
      for (let n = 0; n < CHUNKS_OF_REPLY; n += 1) this.take({ do: 'flush', pick });
      this.take({ do: 'record', pick });
    }
  }

  #accept(streams: boolean): void {
    const seq = this.#write({ author: 'visitor', turn: this.turns.length, text: 'visitor', isCut: false });
    this.#begin({ messageSeq: seq, answersSeq: seq, streams });
  }

  #onOldest(what: 'claim' | 'lapse' | 'stop'): void {
    const turn = this.turns.find(({ outcome }) => outcome === null);
    if (turn === undefined) return;
    if (what === 'lapse') turn.isLeased = false;
    else if (what === 'stop') turn.isStopped = true;
    else if (!turn.isLeased) this.#claim(turn);
  }

  #claim(turn: Turn): void {
    turn.isLeased = true;
    turn.tries += 1;
    turn.claimedAt = this.#nextSeq;
    // The hold is unique by turn: a later try finds that of the first.
    turn.holds = 1;
    const begun = { turn, attempt: turn.tries, epoch: this.#epoch, flushed: [] };
    const early = this.#endingWithoutModel(begun);
    if (early === null) this.#tries.push(begun);
    else this.#close(turn, early);
  }

  #onTry(what: 'flush' | 'record' | 'crash', pick: number): void {
    const running = this.#tries[pick % this.#tries.length];
    if (running === undefined) return;
    if (what === 'flush') return this.#flush(running);
    if (what === 'record') return this.#record(running);
    running.turn.isLeased &&= running.attempt !== running.turn.tries;
    this.#drop(running);
  }

  #flush({ turn, attempt, epoch, flushed }: Try): void {
    if (!turn.streams || turn.isStopped || flushed.length === CHUNKS_OF_REPLY) return;
    if (this.#fences.ownerAtFlush && !this.#isBobs(epoch)) return;
    if (this.#isPast(turn, attempt)) return;
    const text = `${turn.id}.${attempt}.${flushed.length + 1} `;
    flushed.push(text);
    this.#chunks.push({ turn: turn.id, attempt, text });
    const screen = this.screens.get(turn.id) ?? { attempt, text: '' };
    // A newer attempt starts over with `reset`; a reader's cursor never goes back to an older one.
    if (attempt > screen.attempt) this.screens.set(turn.id, { attempt, text });
    else if (attempt === screen.attempt) this.screens.set(turn.id, { attempt, text: screen.text + text });
  }

  #record(running: Try): void {
    const { turn, attempt, flushed } = running;
    if (this.#isPast(turn, attempt)) return this.#drop(running);
    const early = this.#endingWithoutModel(running);
    // The model is still talking.
    if (early === null && turn.streams && flushed.length < CHUNKS_OF_REPLY) return;
    const text = turn.streams ? flushed.join('') : `${turn.id}.${attempt} whole`;
    this.#close(turn, early ?? { outcome: 'answered', text, isCut: false, coveredBy: null });
    this.#drop(running);
  }

  /** Why the turn ends whatever the model says; asked at the claim, by the doorbell, and last under the lock. */
  #endingWithoutModel({ turn, epoch }: Try): Ending | null {
    const byPeople = this.#endingByPeople(turn, epoch);
    if (byPeople !== null) return byPeople;
    const without = { text: '', isCut: false, coveredBy: null };
    const released = this.#releasedOf(turn);
    if (turn.isStopped) return { ...without, outcome: 'answered', text: released, isCut: true };
    const newest = this.turns.at(-1);
    if (this.#burst === 'queue' || released !== '' || newest === undefined || newest === turn) return null;
    return { ...without, outcome: 'superseded', coveredBy: newest.id };
  }

  #endingByPeople(turn: Turn, epoch: number): Ending | null {
    const suppressed: Ending = { outcome: 'suppressed_by_human', text: '', isCut: false, coveredBy: null };
    if (this.#wasCut(turn)) return suppressed;
    const handedBack = this.#handBackTurnBehind(turn);
    if (handedBack !== null) return { ...suppressed, outcome: 'superseded', coveredBy: handedBack.id };
    const isFenced = this.#fences.ownerAtRecord && !this.#isBobs(epoch);
    return isFenced || this.#wasHandedBack(turn) ? suppressed : null;
  }

  /** What nobody had answered by a hand-back, its turn answers. */
  #handBackTurnBehind(turn: Turn): Turn | null {
    if (!this.#fences.handBackCovers) return null;
    return this.turns.findLast(({ id, answersSeq, messageSeq }) => id > turn.id && answersSeq < messageSeq) ?? null;
  }

  /** And what a person had answered by then, Bob does not answer again. */
  #wasHandedBack({ messageSeq }: Turn): boolean {
    return (
      this.#fences.handBackCovers && this.messages.some((line) => line.author === 'system' && line.seq > messageSeq)
    );
  }

  #close(turn: Turn, { outcome, text, isCut, coveredBy }: Ending): void {
    turn.outcome = outcome;
    turn.coveredBy = coveredBy;
    turn.closings += 1;
    if (text !== '') this.#write({ author: 'ai', turn: turn.id, text, isCut });
  }

  #answerAsPerson(): void {
    if (this.owner === 'human') this.#write({ author: 'human', turn: null, text: 'human', isCut: false });
  }

  #onAgent(what: 'look' | 'take over' | 'hand back', agent: number): void {
    if (what === 'look') {
      this.#seenEpochs[agent] = this.#epoch;
      return;
    }
    if (this.#fences.agentSawEpoch && this.#seenEpochs[agent] !== this.#epoch) return;
    this.endedEpochs.push(this.#seenEpochs[agent] ?? 0);
    if (what === 'take over' && this.owner === 'ai') this.#takeOver();
    else if (what === 'hand back' && this.owner === 'human') this.#handBack();
    else this.endedEpochs.pop();
  }

  #takeOver(): void {
    const running = this.turns.find(({ outcome }) => outcome === null);
    // Taken over before, handed back and not ended yet: its words stand already.
    if (running !== undefined && !this.#wasCut(running)) this.#keepReleased(running);
    this.stretches.push({ from: this.#nextSeq, until: Infinity });
    this.owner = 'human';
    this.#epoch += 1;
  }

  #keepReleased(turn: Turn): void {
    const text = this.#releasedOf(turn);
    if (text !== '') this.#write({ author: 'ai', turn: turn.id, text, isCut: true });
  }

  #handBack(): void {
    const waiting = this.unansweredSeq();
    const seq = this.#write({ author: 'system', turn: null, text: 'hand-back', isCut: false });
    const stretch = this.stretches.at(-1);
    if (stretch !== undefined) stretch.until = seq;
    this.owner = 'ai';
    this.#epoch += 1;
    if (waiting !== null) this.#begin({ messageSeq: seq, answersSeq: waiting, streams: false });
  }

  /** The last message of the visitor, where neither Bob nor a person has answered it. */
  unansweredSeq(): number | null {
    const said = this.messages.findLast(({ author }) => author === 'visitor')?.seq ?? 0;
    const byPerson = this.messages.findLast(({ author }) => author === 'human')?.seq ?? 0;
    const byBob = this.turns.filter(({ outcome }) => outcome === 'answered').map(({ answersSeq }) => answersSeq);
    return said > Math.max(byPerson, ...byBob) ? said : null;
  }

  #wasCut(turn: Turn): boolean {
    return this.messages.some((message) => message.isCut && message.turn === turn.id);
  }

  #releasedOf(turn: Turn): string {
    const own = this.#chunks.filter((chunk) => chunk.turn === turn.id);
    const newest = Math.max(...own.map(({ attempt }) => attempt));
    return own.flatMap(({ attempt, text }) => (attempt === newest ? [text] : [])).join('');
  }

  #isBobs(epoch: number): boolean {
    return this.owner === 'ai' && (!this.#fences.epoch || this.#epoch === epoch);
  }

  #isPast(turn: Turn, attempt: number): boolean {
    if (this.#fences.oneOutcome && turn.outcome !== null) return true;
    return this.#fences.newestTryOnly && turn.tries !== attempt;
  }

  #write(message: Omit<Message, 'seq'>): number {
    const seq = this.#nextSeq;
    this.#nextSeq += 1;
    this.messages.push({ seq, ...message });
    return seq;
  }

  #begin(turn: Pick<Turn, 'messageSeq' | 'answersSeq' | 'streams'>): void {
    const fresh = { outcome: null, coveredBy: null, tries: 0, claimedAt: 0, isLeased: false, isStopped: false };
    this.turns.push({ id: this.turns.length, ...turn, ...fresh, holds: 0, closings: 0 });
  }

  #drop(running: Try): void {
    this.#tries = this.#tries.filter((other) => other !== running);
  }
}
