/** The languages a person can read Bob in. A visitor in any other language is answered in the tenant's. */
export const LANGUAGES = ['en', 'es', 'it', 'nl', 'pl'] as const;
export type Language = (typeof LANGUAGES)[number];

export function isLanguage(text: string): text is Language {
  return LANGUAGES.some((language) => language === text);
}

/** The first language of an `Accept-Language` header (RFC 9110 section 12.5.4) that we speak, by its weights. */
function preferredLanguage(header: string): Language | null {
  const wishes = header.split(',').map((part) => {
    const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
    const weight = parameters.map((parameter) => /^\s*q=(\d(?:\.\d{1,3})?)\s*$/.exec(parameter)?.[1]).find(Boolean);
    // The primary subtag alone: `est` is no Spanish.
    return { language: tag.trim().split('-', 1)[0] ?? '', weight: weight === undefined ? 1 : Number(weight) };
  });
  const spoken = wishes.filter(({ weight }) => weight > 0).toSorted((left, right) => right.weight - left.weight);
  return spoken.map(({ language }) => language).find(isLanguage) ?? null;
}

/** Below this a guess is a coin toss: "ok" is a word in every one of our languages. */
const LETTERS_MIN = 12;

export interface FirstWords {
  text: string;
  acceptLanguage: string;
  /** The tenant's own language. */
  fallback: Language;
}

/** The language of a first message: what it is written in, else what the browser asks for, else the tenant's. */
export function guessLanguage(
  { text, acceptLanguage, fallback }: FirstWords,
  detect: (text: string, among: readonly string[]) => string,
): Language {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const guessed = letters >= LETTERS_MIN ? detect(text, LANGUAGES) : '';
  if (isLanguage(guessed)) return guessed;
  return preferredLanguage(acceptLanguage) ?? fallback;
}
