/** Seconds for which no answer came, from the kill on; the last stretch counts up to the last answer. */
export function longestGapSeconds(killedAtMs: number, answeredAtMs: readonly number[]): number | null {
  const after = answeredAtMs.filter((atMs) => atMs > killedAtMs).toSorted((a, b) => a - b);
  if (after.length === 0) return null;
  const gaps = after.map((atMs, index) => atMs - (after[index - 1] ?? killedAtMs));
  return Math.max(...gaps) / 1000;
}
