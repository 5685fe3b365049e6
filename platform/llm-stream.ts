import { emptyAnswer, type LlmAnswer } from './llm-answer.ts';
import { LlmFailure } from './llm-failure.ts';

/** The part of LangChain's message chunk that we read. */
export interface Chunk {
  content: unknown;
  id?: string | undefined;
  response_metadata?: Record<string, unknown>;
  usage_metadata?:
    | {
        input_tokens: number;
        output_tokens: number;
        input_token_details?: { cache_read?: number; cache_creation?: number };
        output_token_details?: { reasoning?: number };
      }
    | undefined;
}

/** A megabyte of answer is an accident or an attack; no persona allows a hundredth of it. */
const ANSWER_CHARACTER_MAX = 200_000;

export interface ReadChunks {
  onChunk: () => void;
  /** Each piece of text as it comes, storable like the whole: joined, they are the answer's text. */
  onText?: ((text: string) => void) | undefined;
  /** Filled while reading: what a call that is broken off had come to. */
  answer?: LlmAnswer;
}

/** Reads a streamed answer to its end. A stream that just stops, without a reason to finish, is a failure. */
export async function readChunks(
  chunks: AsyncIterable<Chunk>,
  { onChunk, onText, answer = emptyAnswer() }: ReadChunks,
): Promise<LlmAnswer> {
  let half = '';
  let length = 0;
  const add = (text: string): void => {
    if (text === '') return;
    answer.text += text;
    onText?.(text);
  };
  for await (const chunk of chunks) {
    onChunk();
    takeIn(answer, chunk);
    if (typeof chunk.content !== 'string') continue;
    length += chunk.content.length;
    if (length > ANSWER_CHARACTER_MAX) throw new LlmFailure('model-malformed');
    // A character beyond the basic plane may come in two pieces.
    const text = half + chunk.content;
    half = HALF_CHARACTER.exec(text)?.[0] ?? '';
    add(storable(text.slice(0, text.length - half.length)));
  }
  add(storable(half));
  if (answer.finishReason === '') throw new LlmFailure(length === 0 ? 'model-empty' : 'model-cut');
  if (answer.text.trim() === '') throw new LlmFailure('model-empty');
  return answer;
}

const HALF_CHARACTER = /[\ud800-\udbff]$/;

/** Without what PostgreSQL refuses in a text: an answer that cannot be recorded would be asked for again and again. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '');
}

function takeIn(answer: LlmAnswer, chunk: Chunk): void {
  const finish = chunk.response_metadata?.['finish_reason'];
  if (typeof finish === 'string' && finish !== '') answer.finishReason = finish;
  if (typeof chunk.id === 'string') answer.providerRequestId ??= storable(chunk.id);
  // LangChain leaves it out, but what a compatible server sends as null may come through as null.
  if (chunk.usage_metadata) answer.usage = readUsage(chunk.usage_metadata);
}

/** Exclusive pools from LangChain's counts, where cached tokens are input tokens too. Null for impossible figures. */
function readUsage(usage: NonNullable<Chunk['usage_metadata']>): LlmAnswer['usage'] {
  const cachedInput = usage.input_token_details?.cache_read ?? 0;
  const cacheWrite = usage.input_token_details?.cache_creation ?? 0;
  const counts = [usage.input_tokens, usage.output_tokens, cachedInput, cacheWrite];
  if (!counts.every(isCount)) return null;
  const input = Math.max(0, usage.input_tokens - cachedInput - cacheWrite);
  if (input + cachedInput + cacheWrite + usage.output_tokens === 0) return null;
  const reasoning = usage.output_token_details?.reasoning ?? 0;
  return {
    pools: { input, cachedInput, cacheWrite, output: usage.output_tokens },
    // Told apart for the record only; the output it is part of is what is paid.
    reasoningTokens: isCount(reasoning) ? reasoning : 0,
  };
}

function isCount(count: number): boolean {
  return Number.isSafeInteger(count) && count >= 0;
}
