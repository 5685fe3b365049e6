import type { TokenPools } from '#domain/usage.ts';

export interface LlmAnswer {
  text: string;
  finishReason: string;
  /** Null where the server sent none: the caller counts. */
  usage: { pools: TokenPools; reasoningTokens: number } | null;
  providerRequestId: string | null;
}

/** Filled while a model speaks. */
export function emptyAnswer(): LlmAnswer {
  return { text: '', finishReason: '', usage: null, providerRequestId: null };
}
