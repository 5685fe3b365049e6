import type { SourceFile } from './source-files.ts';

/** What the linter has no rule for. Each rule sees one line at a time, without its comment. */
interface LineRule {
  name: string;
  pattern: RegExp;
  /** Where the pattern is at home. */
  allowed: RegExp;
}

const TESTS = /^(test|tools|bench)\/|\.(test|fixture)\.ts$/;
const SQL_HOME = /^(models|migrations|test|tools|bench|bin\/invariants)\/|\.(test|fixture)\.ts$/;
/** A statement inside one string, over any number of its lines. */
const SQL =
  /[`'"]\s*(select\s[^`]*?\sfrom\s|insert\s+into\s|delete\s+from\s|update\s+\w+\s+(\w+\s+)?set\s|with\s+\w+\s+as\s)/i;

const RULES: readonly LineRule[] = [
  {
    name: 'time enters through Clock',
    pattern: /\bnew Date\(\s*\)|\bDate\(\s*\)/,
    allowed: /^(platform\/clock\.ts|workflows\/)/,
  },
  { name: 'no select *', pattern: /\bselect\s+\*/i, allowed: TESTS },
  { name: 'no test stands alone', pattern: /\b(it|test|describe|suite)\.only\b/, allowed: /^$/ },
];

const LINE_MAX = 120;

/** SQL outside the folders that own it, as `path rule`. */
export function sqlFaults({ path, text }: SourceFile): string[] {
  return SQL.test(text) && !SQL_HOME.test(path) ? [`${path} SQL stands in models and migrations`] : [];
}

/** Every offence of one file, as `path:line rule`. */
export function lineFaults({ path, text }: SourceFile): string[] {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    const where = `${path}:${index + 1}`;
    const code = line.replace(/^\s*(\/\/|\/?\*).*$/, '').replace(/\s\/\/ .*$/, '');
    const broken = RULES.filter((rule) => rule.pattern.test(code) && !rule.allowed.test(path));
    const faults = broken.map((rule) => `${where} ${rule.name}`);
    if (line.length > LINE_MAX) faults.push(`${where} a line has at most ${LINE_MAX} characters`);
    return faults;
  });
}
