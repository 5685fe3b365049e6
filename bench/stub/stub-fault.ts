const KINDS = [
  ...(['500', '429', 'hang', 'drip', 'cut', 'early', 'malformed', 'empty'] as const),
  ...(['usage-missing', 'usage-negative', 'usage-nan', 'usage', 'big', 'obey'] as const),
];
export type StubFault = (typeof KINDS)[number];

const DIRECTIVE = new RegExp(`!!(${KINDS.join('|')})(?:x(\\d{1,6}))?(?![\\w-])`);
const USAGE_KINDS = ['usage-missing', 'usage-negative', 'usage-nan'] as const;

/** What the user's message asks to go wrong: `!!KIND` always, `!!KINDxN` for the first N calls with that message. */
export function stubFault(message: string, call: { withThisMessage: number; inAll: number }): StubFault | null {
  const parts = DIRECTIVE.exec(message);
  if (parts === null) return null;
  if (parts[2] !== undefined && call.withThisMessage > Number(parts[2])) return null;
  const kind = KINDS.find((each) => each === parts[1]) ?? null;
  // Plain `usage` takes the three kinds of nonsense in turn.
  return kind === 'usage' ? (USAGE_KINDS[call.inAll % USAGE_KINDS.length] ?? null) : kind;
}
