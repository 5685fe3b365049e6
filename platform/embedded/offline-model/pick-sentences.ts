import { contentWordsOf, isConcept, namesIn } from './content-words.ts';
import { splitSentences } from './split-sentences.ts';

export interface Text {
  /** Number of the passage, or `persona`. */
  origin: number | 'persona';
  title: string;
  text: string;
}

export interface Picked {
  origin: number | 'persona';
  sentence: string;
}

export interface Question {
  text: string;
  /** The visitor's message before this one: "and Enterprise?" asks what it asked. */
  before: string | null;
}

interface Candidate extends Picked {
  words: ReadonlySet<string>;
  titleWords: ReadonlySet<string>;
}

/** What the question asks for, word by word, with the weight of each. */
interface Wanted {
  own: ReadonlySet<string>;
  names: ReadonlySet<string>;
  weights: ReadonlyMap<string, number>;
  total: number;
}

const SENTENCE_COUNT_MAX = 3;
/** Share of the question's weight that the best sentence must cover, and that each further one must add. */
const COVER_MIN = 0.3;
const ADD_MIN = 0.2;
const NAME_WEIGHT = 1.5;
const UNKNOWN_WEIGHT = 0.6;
const BEFORE_WEIGHT = 0.4;
const TITLE_WEIGHT = 0.6;
const TITLE_BONUS = 0.2;

/** The sentences that cover most of what the question names, rare words first; none when too little is covered. */
export function pickSentences(question: Question, texts: readonly Text[]): Picked[] {
  const candidates = texts.flatMap((each) => candidatesOf(each));
  const wanted = weigh(candidates, question);
  const best = bestOf(candidates, wanted);
  if (best === null || best.gain < COVER_MIN * wanted.total) return [];
  const picked = isAboutTitle(best.candidate, wanted.own)
    ? candidates.filter((each) => each.origin === best.candidate.origin).slice(0, SENTENCE_COUNT_MAX)
    : pickMore(candidates, best.candidate, wanted);
  // Told in the order in which they were written.
  const inOrder = picked.toSorted((a, b) => candidates.indexOf(a) - candidates.indexOf(b));
  return inOrder.map(({ origin, sentence }) => ({ origin, sentence }));
}

function candidatesOf({ origin, title, text }: Text): Candidate[] {
  const titleWords = contentWordsOf(title);
  return splitSentences(text).map((sentence) => ({ origin, sentence, titleWords, words: contentWordsOf(sentence) }));
}

/** A word that few sentences hold says more, and a name more than other words. */
function weigh(candidates: readonly Candidate[], question: Question): Wanted {
  const own = contentWordsOf(question.text);
  const names = namesIn(question.text);
  const rarity = (word: string): number => {
    const holding = candidates.filter((each) => each.words.has(word)).length;
    const known = Math.log(1 + (candidates.length - holding + 0.5) / (Math.max(1, holding) + 0.5));
    return holding === 0 && !names.has(word) ? UNKNOWN_WEIGHT * known : known;
  };
  const weights = new Map([
    ...inheritedWords(own, question).map((word): [string, number] => [word, BEFORE_WEIGHT * rarity(word)]),
    ...[...own].map((word): [string, number] => [word, rarity(word) * (names.has(word) ? NAME_WEIGHT : 1)]),
  ]);
  return { own, names, weights, total: [...weights.values()].reduce((sum, weight) => sum + weight, 0) };
}

/** A message of one word is about what the message before it asked of something else: its concepts, not its names. */
function inheritedWords(own: ReadonlySet<string>, { before }: Question): string[] {
  if (own.size > 1 || before === null) return [];
  const words = [...contentWordsOf(before)].filter((word) => !own.has(word));
  const concepts = words.filter((word) => isConcept(word));
  return concepts.length > 0 ? concepts : words;
}

function bestOf(
  candidates: readonly Candidate[],
  { own, weights }: Pick<Wanted, 'own' | 'weights'>,
): { candidate: Candidate; gain: number } | null {
  let best: { candidate: Candidate; gain: number } | null = null;
  for (const candidate of candidates) {
    const speaksOfIt = [...own].some((word) => candidate.words.has(word) || candidate.titleWords.has(word));
    const gain = speaksOfIt ? gainOf(candidate, weights) : 0;
    if (gain > (best?.gain ?? 0)) best = { candidate, gain };
  }
  return best;
}

function gainOf(candidate: Candidate, weights: ReadonlyMap<string, number>): number {
  let gain = 0;
  for (const [word, weight] of weights) {
    const inTitle = candidate.titleWords.has(word);
    if (candidate.words.has(word)) gain += inTitle ? (1 + TITLE_BONUS) * weight : weight;
    else if (inTitle) gain += TITLE_WEIGHT * weight;
  }
  return gain;
}

/** "Tell me about your plans": only the title answers, so the passage is told from its start. */
function isAboutTitle(best: Candidate, own: ReadonlySet<string>): boolean {
  return [...own].every((word) => best.titleWords.has(word));
}

/** Further sentences must add what those before them left out: of a question with names, another name. */
function pickMore(
  candidates: readonly Candidate[],
  first: Candidate,
  { own, names, weights, total }: Wanted,
): Candidate[] {
  const picked = [first];
  const left = new Map([...weights].filter(([word]) => names.size === 0 || names.has(word)));
  // The persona and the sources are never mixed: an answer names one kind of origin.
  const sameKind = candidates.filter((each) => isPersona(each) === isPersona(first));
  while (picked.length < SENTENCE_COUNT_MAX) {
    for (const word of picked.at(-1)?.words ?? []) left.delete(word);
    const next = bestOf(sameKind, { own, weights: left });
    if (next === null || next.gain < ADD_MIN * total) break;
    picked.push(next.candidate);
  }
  return picked;
}

function isPersona(candidate: Candidate): boolean {
  return candidate.origin === 'persona';
}
