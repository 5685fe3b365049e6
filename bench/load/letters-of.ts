const LETTERS = 'bcdfghjklmnpqrstvwxz';

/** A number in letters: digits in a mark could look like a phone or card number to a rail. */
export function lettersOf(number: number): string {
  const rest = Math.floor(number / LETTERS.length);
  const letter = LETTERS[number % LETTERS.length] ?? '';
  return rest === 0 ? letter : lettersOf(rest) + letter;
}
