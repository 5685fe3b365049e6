import { CONCEPTS, FUNCTION_WORDS, HELP_WORDS, type Language } from './vocabulary.ts';

/** Function words of all languages at once: a visitor mixes languages, and names are never on these lists. */
const EMPTY_WORDS = new Set([...Object.values(FUNCTION_WORDS).flat(), ...HELP_WORDS]);

// Endings of five languages in one list, longest first: rough, but the same on both sides of the comparison.
const ENDINGS = 'iones ings ione ioni ions ing ion ies ami ach ego ych ed es os as en ow ym s y a e i o u'.split(' ');
const STEM_LENGTH_MIN = 3;

const CONCEPT_OF_STEM = new Map(
  CONCEPTS.flatMap(({ name, words }) =>
    Object.values(words)
      .flat()
      .map((word): [string, string] => [stemOf(word), `=${name}`]),
  ),
);

const WEIGHT_OF_WORD: Record<Language, ReadonlyMap<string, number>> = {
  en: weightOfWord('en'),
  es: weightOfWord('es'),
  it: weightOfWord('it'),
  nl: weightOfWord('nl'),
  pl: weightOfWord('pl'),
};

/** All words of a text in plain lower case without accents; 75,000 and 75.000 are the same word. */
export function wordsOf(text: string): string[] {
  const plain = text
    .toLowerCase()
    .replaceAll('ł', 'l')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/(?<=\d)[.,](?=\d{3}\b)/g, '');
  return plain.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** The words that carry the subject, each as its stem, or as its concept where one is known in any language. */
export function contentWordsOf(text: string): Set<string> {
  const words = wordsOf(text).filter((word) => !EMPTY_WORDS.has(word) && (word.length > 1 || /\d/.test(word)));
  return new Set(words.map((word) => conceptOf(word)));
}

/** Whether a text asks for help without saying what is to be known. */
export function asksForHelp(text: string): boolean {
  return wordsOf(text).some((word) => HELP_WORDS.includes(word));
}

/** Words written like a name, in capitals amid a sentence or with digits: what the question is really about. */
export function namesIn(text: string): Set<string> {
  const names = text.match(/(?<=[\p{L}\p{N},;:] +)\p{Lu}[\p{L}\p{N}]*|[\p{L}\p{N}.,]*\d[\p{L}\p{N}.,]*/gu) ?? [];
  return contentWordsOf(names.join(' '));
}

/** A word that many words stand for, in all languages. */
export function isConcept(contentWord: string): boolean {
  return contentWord.startsWith('=');
}

/** How much a text speaks as each language does; a concept word counts half, since many are shared. */
export function countLanguageWords(words: readonly string[], language: Language): number {
  const weights = WEIGHT_OF_WORD[language];
  return words.reduce((sum, word) => sum + (weights.get(word) ?? 0), 0);
}

function weightOfWord(language: Language): Map<string, number> {
  const conceptWords = CONCEPTS.flatMap((concept) => concept.words[language]);
  return new Map([
    ...conceptWords.map((word): [string, number] => [word, 0.5]),
    ...FUNCTION_WORDS[language].map((word): [string, number] => [word, 1]),
  ]);
}

function conceptOf(word: string): string {
  const stem = stemOf(word);
  return CONCEPT_OF_STEM.get(stem) ?? stem;
}

function stemOf(word: string): string {
  if (/\d/.test(word) || word.endsWith('ss')) return word;
  const ending = ENDINGS.find((each) => word.endsWith(each) && word.length - each.length >= stemLengthMin(each));
  return ending === undefined ? word : word.slice(0, -ending.length);
}

/** A vowel is cut only from longer words: "cita" and "data" would otherwise shrink to what other words share. */
function stemLengthMin(ending: string): number {
  return ending === 's' ? STEM_LENGTH_MIN : STEM_LENGTH_MIN + 1;
}
