/** The paths that a document sets in code marks and that name a file of ours. */
export function stopsOf(journey: string): string[] {
  const marked = [...journey.matchAll(/`([\w./-]+\/[\w.-]+\.(?:ts|mjs))`/g)].map((match) => match[1] ?? '');
  return [...new Set(marked)];
}

/** The variables that a document describes: those that open a row of one of its tables. */
export function describedVariables(configuration: string): string[] {
  return [...configuration.matchAll(/^\| `([A-Z][A-Z0-9_]+)`/gm)].map((match) => match[1] ?? '');
}

export function medianLines(texts: readonly string[]): number {
  const sizes = texts.map((text) => text.trimEnd().split('\n').length).toSorted((left, right) => left - right);
  return sizes[Math.floor(sizes.length / 2)] ?? 0;
}
