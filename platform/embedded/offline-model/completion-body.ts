import type { Completion } from './complete.ts';
import { MODEL_NAME } from './model-name.ts';

export interface CompletionStamp {
  id: string;
  createdSeconds: number;
}

/** The JSON answer of OpenAI's chat completions. */
export function completionBody(completion: Completion, stamp: CompletionStamp): object {
  const message = { role: 'assistant', content: completion.content, ...toolCallsOf(completion, stamp) };
  return {
    ...headOf(stamp, 'chat.completion'),
    choices: [{ index: 0, message, logprobs: null, finish_reason: completion.finishReason }],
    usage: usageOf(completion),
  };
}

/** The same answer as a stream: one chunk a word, then the reason it ended, then the usage where it was asked for. */
export function completionChunks(
  completion: Completion,
  { stamp, includeUsage }: { stamp: CompletionStamp; includeUsage: boolean },
): object[] {
  const head = headOf(stamp, 'chat.completion.chunk');
  const words = completion.content?.match(/\s*\S+\s*$|\s*\S+/g) ?? [];
  const deltas: object[] = [
    { role: 'assistant', content: completion.content === null ? null : '' },
    ...words.map((content) => ({ content })),
  ];
  if (completion.toolCall !== null) deltas.push(toolCallsOf(completion, stamp));
  const chunks: object[] = deltas.map((delta) => ({ ...head, choices: [{ index: 0, delta, finish_reason: null }] }));
  chunks.push({ ...head, choices: [{ index: 0, delta: {}, finish_reason: completion.finishReason }] });
  if (includeUsage) chunks.push({ ...head, choices: [], usage: usageOf(completion) });
  return chunks;
}

function headOf(stamp: CompletionStamp, object: string): object {
  return { id: stamp.id, object, created: stamp.createdSeconds, model: MODEL_NAME };
}

function toolCallsOf({ toolCall }: Completion, stamp: CompletionStamp): object {
  if (toolCall === null) return {};
  return { tool_calls: [{ index: 0, id: stamp.id.replace('chatcmpl', 'call'), type: 'function', function: toolCall }] };
}

function usageOf({ promptTokens, completionTokens }: Completion): object {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}
