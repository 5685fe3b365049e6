export interface StubLatency {
  firstMs: number;
  perTokenMs: number;
  tokenCount: number;
}

const TOKEN_COUNT_MAX = 10_000;

/** `stub-20-5-40`: first token after 20 ms, one more each 5 ms, 40 in all. Null for any other name. */
export function stubLatency(model: string): StubLatency | null {
  const parts = /^stub-(\d{1,6})-(\d{1,6})-(\d{1,5})$/.exec(model);
  if (parts === null) return null;
  const tokenCount = Math.min(TOKEN_COUNT_MAX, Math.max(1, Number(parts[3])));
  return { firstMs: Number(parts[1]), perTokenMs: Number(parts[2]), tokenCount };
}
