import { isLanguage, type Language } from './languages.ts';

/** The language a page asks for by a tag such as `nl-BE`, where we and the tenant speak it. */
export function wishedLanguage(tag: string | null, spoken: readonly string[] | null): Language | null {
  const wished = tag?.toLowerCase().split('-', 1)[0] ?? '';
  return isLanguage(wished) && (spoken === null || spoken.includes(wished)) ? wished : null;
}
