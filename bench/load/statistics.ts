/** Value below which the given share of the numbers lies (nearest rank); null without numbers. */
export function quantile(numbers: readonly number[], share: number): number | null {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

export function median(numbers: readonly (number | null)[]): number | null {
  return quantile(
    numbers.filter((each) => each !== null),
    0.5,
  );
}
