import { asksForHelp, contentWordsOf } from './content-words.ts';
import { FIXED_TEXTS, type FixedText } from './fixed-texts.ts';
import { guessLanguage } from './guess-language.ts';
import { personaFacts, personaIntroduction } from './persona-facts.ts';
import { type Picked, pickSentences, type Text } from './pick-sentences.ts';
import type { Prompt } from './read-prompt.ts';
import { recognizeCourtesy } from './recognize-courtesy.ts';
import type { Language } from './vocabulary.ts';

/** What an answer rests on, as the header tells it: passages, the persona, no claim at all, or nothing found. */
export type Basis = { kind: 'passages'; numbers: readonly number[] } | { kind: 'persona' | 'no-claim' | 'unknown' };

export interface Answer {
  basis: Basis;
  text: string;
}

/** Answers the last of the visitor's messages from the prompt, and from nothing else. */
export function answerQuestion(prompt: Prompt, visitorTexts: readonly string[]): Answer {
  const question = visitorTexts.at(-1) ?? '';
  const courtesy = recognizeCourtesy(question);
  if (courtesy?.kind === 'identity') return introduce(prompt, courtesy.language);
  if (courtesy !== null) return fixed('no-claim', courtesy.kind, courtesy.language);

  const language = guessLanguage(visitorTexts.toReversed());
  if (contentWordsOf(question).size === 0) return fixed('no-claim', 'askBack', language);
  const picked = pickSentences({ text: question, before: visitorTexts.at(-2) ?? null }, textsOf(prompt));
  if (picked.length > 0) return quote(picked, language);
  return asksForHelp(question) ? fixed('no-claim', 'askBack', language) : fixed('unknown', 'unknown', language);
}

function introduce(prompt: Prompt, language: Language): Answer {
  const facts = personaIntroduction(prompt.persona);
  if (facts.length === 0) return fixed('no-claim', 'identity', language);
  return { basis: { kind: 'persona' }, text: facts.join(' ') };
}

function fixed(kind: 'no-claim' | 'unknown', key: FixedText, language: Language): Answer {
  return { basis: { kind }, text: FIXED_TEXTS[language][key] };
}

/** Sources stand before the persona: of two equal sentences the one with a citation wins. */
function textsOf(prompt: Prompt): Text[] {
  const passages = prompt.passages.map(({ number, title, text }): Text => ({ origin: number, title, text }));
  return [...passages, { origin: 'persona', title: '', text: personaFacts(prompt.persona).join('\n') }];
}

function quote(picked: readonly Picked[], language: Language): Answer {
  const sentences = picked.map(({ origin, sentence }) => (origin === 'persona' ? sentence : `${sentence} [${origin}]`));
  const quoted = sentences.join(' ');
  const isForeign = guessLanguage(picked.map((each) => each.sentence)) !== language;
  const text = isForeign ? `${FIXED_TEXTS[language].fromSources} ${quoted}` : quoted;
  return { basis: basisOf(picked), text };
}

function basisOf(picked: readonly Picked[]): Basis {
  const numbers = picked.flatMap(({ origin }) => (origin === 'persona' ? [] : [origin]));
  if (numbers.length === 0) return { kind: 'persona' };
  return { kind: 'passages', numbers: [...new Set(numbers)].toSorted((a, b) => a - b) };
}
