import type { LlmAnswer } from './llm-answer.ts';

/** Why a call to the model gave no answer; the slug goes on record with the turn. */
export type LlmFailureSlug =
  | 'model-rate-limited'
  | 'model-unavailable'
  | 'model-rejected'
  | 'model-timeout'
  | 'model-cut'
  | 'model-empty'
  | 'model-malformed'
  | 'model-aborted';

interface LlmFailureFacts {
  cause?: unknown;
  retryAfterMs?: number | null;
  partial?: LlmAnswer | null;
}

export class LlmFailure extends Error {
  override name = 'LlmFailure';
  readonly slug: LlmFailureSlug;
  /** What the server asked for in `Retry-After`. */
  readonly retryAfterMs: number | null;
  /** What a call that was called off had come to: its tokens are spent all the same. */
  readonly partial: LlmAnswer | null;

  constructor(slug: LlmFailureSlug, { cause, retryAfterMs = null, partial = null }: LlmFailureFacts = {}) {
    super(slug, cause === undefined ? {} : { cause });
    this.slug = slug;
    this.retryAfterMs = retryAfterMs;
    this.partial = partial;
  }

  /** A request that the server refuses by its content will be refused again. */
  get isHopeless(): boolean {
    return this.slug === 'model-rejected';
  }
}

/** Translates what the OpenAI client or the socket below it threw. */
export function readFailure(error: unknown): LlmFailure {
  if (error instanceof LlmFailure) return error;
  const status = statusOf(error);
  if (status === 429 || status === 503) {
    return new LlmFailure(status === 429 ? 'model-rate-limited' : 'model-unavailable', {
      cause: error,
      retryAfterMs: retryAfterOf(error),
    });
  }
  if (status !== null && status >= 400 && status < 500 && status !== 408)
    return new LlmFailure('model-rejected', { cause: error });
  if (status !== null) return new LlmFailure('model-unavailable', { cause: error });
  return new LlmFailure(slugWithoutStatus(error), { cause: error });
}

function slugWithoutStatus(error: unknown): LlmFailureSlug {
  if (error instanceof SyntaxError) return 'model-malformed';
  const text = error instanceof Error ? `${error.name} ${error.message}` : '';
  if (/terminated|premature|other side closed|aborted/i.test(text)) return 'model-cut';
  if (/JSON|parse/i.test(text)) return 'model-malformed';
  return 'model-unavailable';
}

function statusOf(error: unknown): number | null {
  if (!(error instanceof Error) || !('status' in error)) return null;
  return typeof error.status === 'number' ? error.status : null;
}

/** Seconds or an HTTP date (RFC 9110 section 10.2.3); anything else is no wish at all. */
function retryAfterOf(error: unknown): number | null {
  if (!(error instanceof Error) || !('headers' in error) || !(error.headers instanceof Headers)) return null;
  const value = error.headers.get('retry-after');
  if (value === null || !/^\d{1,6}$/.test(value)) return null;
  return Number(value) * 1000;
}
