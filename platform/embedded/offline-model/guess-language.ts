import { detect } from 'tinyld';
import { countLanguageWords, wordsOf } from './content-words.ts';
import type { Language } from './vocabulary.ts';

const LETTERS: readonly [Language, RegExp][] = [
  ['pl', /[ąćęłńśźż]/i],
  ['es', /[ñ¿¡]/i],
];
const CANDIDATES: readonly Language[] = ['en', 'es', 'it', 'nl', 'pl'];

const GUESS_LENGTH_MIN = 12;

/** Language of the newest text whose words show one; texts come newest first. English when nothing tells. */
export function guessLanguage(texts: readonly string[]): Language {
  for (const text of texts) {
    const language = languageOf(text);
    if (language !== null) return language;
  }
  const [newest = ''] = texts;
  // Letter statistics know more words than we do, but name short texts wrong.
  const guessed = newest.length < GUESS_LENGTH_MIN ? '' : detect(newest, { only: [...CANDIDATES] });
  return CANDIDATES.find((language) => language === guessed) ?? 'en';
}

function languageOf(text: string): Language | null {
  const letters = LETTERS.find(([, pattern]) => pattern.test(text));
  if (letters !== undefined) return letters[0];
  const words = wordsOf(text);
  const votes = CANDIDATES.map((language) => ({ language, count: countLanguageWords(words, language) }));
  const [first, second] = votes.toSorted((a, b) => b.count - a.count);
  if (first === undefined || second === undefined || first.count === second.count) return null;
  return first.language;
}
