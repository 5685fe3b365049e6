/** Names that would pass for the operator, or for a part of the address. */
const RESERVED: ReadonlySet<string> = new Set([
  'admin',
  'api',
  'app',
  'assets',
  'auth',
  'billing',
  'bob',
  'business',
  'chat',
  'demo',
  'docs',
  'health',
  'help',
  'login',
  'mail',
  'null',
  'operator',
  'platform',
  'portal',
  'root',
  'security',
  'signup',
  'static',
  'status',
  'support',
  'system',
  'test',
  'undefined',
  'webhooks',
  'widget',
  'www',
]);
const OPERATOR = /^office-?16852/;
const LENGTH_MAX = 60;
/** Letters that Unicode does not take apart into a plain one and a mark. */
const PLAIN: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
};

/** The public slugs a business may get, the nicest first; each suffix makes one more, for names already taken. */
export function businessIdsFor(name: string, suffixes: readonly string[]): string[] {
  const base = plainWords(name);
  const more = suffixes.map((suffix) => `${base}-${suffix}`);
  return RESERVED.has(base) || OPERATOR.test(base) ? more : [base, ...more];
}

/** ASCII, lower case, words joined by hyphens; a name without a single Latin letter or digit becomes `business`. */
function plainWords(name: string): string {
  const words = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[ßæœøłđðþı]/g, (letter) => PLAIN[letter] ?? letter)
    .replaceAll(/['’]/g, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  const short = words.slice(0, LENGTH_MAX).replace(/-+$/, '');
  return short === '' ? 'business' : short;
}
