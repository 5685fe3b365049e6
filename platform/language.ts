import { detect } from 'tinyld';

/** Guesses which of these languages a text is written in (ISO 639-1); empty when none fits. */
export function detectLanguage(text: string, among: readonly string[]): string {
  return detect(text, { only: [...among] });
}
