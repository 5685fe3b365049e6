import { type Answer, answerQuestion, type Basis } from './answer-question.ts';
import { chooseTool, type ToolCall } from './choose-tool.ts';
import type { CompletionRequest } from './completion-request.ts';
import { readPrompt } from './read-prompt.ts';

export interface Completion {
  content: string | null;
  toolCall: ToolCall | null;
  finishReason: 'stop' | 'length' | 'tool_calls';
  promptTokens: number;
  completionTokens: number;
}

/** No tokenizer: an estimate is enough for a model that costs nothing, as long as it is the same each time. */
const TOKEN_LENGTH = 4;

/** The whole model: the same request always gets the same completion. */
export function complete(request: CompletionRequest): Completion {
  const promptTokens = tokensIn(request.messages.map((message) => message.content).join('\n'));
  const toolCall = chooseTool(request);
  if (toolCall !== null) {
    const completionTokens = tokensIn(toolCall.name + toolCall.arguments);
    return { content: null, toolCall, finishReason: 'tool_calls', promptTokens, completionTokens };
  }
  const whole = contentFor(request);
  const lengthMax = TOKEN_LENGTH * (request.max_completion_tokens ?? request.max_tokens ?? Number.MAX_SAFE_INTEGER);
  const content = whole.slice(0, lengthMax);
  const finishReason = content.length < whole.length ? 'length' : 'stop';
  return { content, toolCall: null, finishReason, promptTokens, completionTokens: tokensIn(content) };
}

function contentFor({ messages }: CompletionRequest): string {
  const system = messages.filter(({ role }) => role === 'system' || role === 'developer');
  const prompt = readPrompt(system.map((message) => message.content).join('\n\n'));
  const answer = toolResultOf(messages) ?? answerQuestion(prompt, visitorTextsOf(messages));
  return prompt.wantsHeader ? headerOf(answer.basis) + answer.text : answer.text;
}

/** After a tool ran, its result is the answer. */
function toolResultOf(messages: CompletionRequest['messages']): Answer | null {
  const last = messages.at(-1);
  return last?.role === 'tool' ? { basis: { kind: 'persona' }, text: last.content } : null;
}

function visitorTextsOf(messages: CompletionRequest['messages']): string[] {
  return messages.filter(({ role }) => role === 'user').map((message) => message.content);
}

function headerOf(basis: Basis): string {
  switch (basis.kind) {
    case 'passages':
      return `[[${basis.numbers.join(',')}]]`;
    case 'persona':
      return '[[p]]';
    case 'no-claim':
      return '[[-]]';
    case 'unknown':
      return '[[none]]';
  }
}

function tokensIn(text: string): number {
  return Math.max(1, Math.ceil(text.length / TOKEN_LENGTH));
}
