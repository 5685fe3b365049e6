import type { StubAnswer } from './stub-answer.ts';
import type { StubFault } from './stub-fault.ts';
import type { StubRequest } from './stub-request.ts';

export interface StubReply {
  id: string;
  request: StubRequest;
  answer: StubAnswer;
  fault: StubFault | null;
}

/** The JSON answer. `early` ends it without a reason, `malformed` in the middle. */
export function stubBody(reply: StubReply): string {
  const { answer, fault } = reply;
  const message = { role: 'assistant', content: answer.tokens.join(''), ...toolCallsOf(answer) };
  const finishReason = fault === 'early' ? null : finishReasonOf(answer);
  const body = JSON.stringify({
    ...headOf(reply, 'chat.completion'),
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason }],
    ...usageOf(reply),
  });
  return fault === 'malformed' ? body.slice(0, body.length / 2) : body;
}

export function stubEvent(reply: StubReply, delta: object, finishReason: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason: finishReason }];
  return eventOf({ ...headOf(reply, 'chat.completion.chunk'), choices });
}

/** What stands after the last token: tool call, reason, usage where asked for, the end mark. */
export function stubStreamEnd(reply: StubReply): string {
  const { answer, request } = reply;
  const parts = answer.toolName === null ? [] : [stubEvent(reply, toolCallsOf(answer))];
  parts.push(stubEvent(reply, {}, finishReasonOf(answer)));
  if (request.includeUsage) {
    parts.push(eventOf({ ...headOf(reply, 'chat.completion.chunk'), choices: [], ...usageOf(reply) }));
  }
  return `${parts.join('')}data: [DONE]\n\n`;
}

function eventOf(body: object): string {
  return `data: ${JSON.stringify(body)}\n\n`;
}

function headOf({ id, request }: StubReply, object: string): object {
  return { id, object, created: 0, model: request.model };
}

function finishReasonOf(answer: StubAnswer): string {
  return answer.toolName === null ? 'stop' : 'tool_calls';
}

function toolCallsOf({ toolName }: StubAnswer): object {
  if (toolName === null) return {};
  const call = { index: 0, id: 'call_stub', type: 'function', function: { name: toolName, arguments: '{}' } };
  return { tool_calls: [call] };
}

function usageOf({ request, answer, fault }: StubReply): object {
  const input = Math.ceil(request.messages.reduce((sum, { content }) => sum + content.length, 0) / 4);
  const output = answer.tokens.length;
  switch (fault) {
    case 'usage-missing':
      return {};
    case 'usage-negative':
      return { usage: { prompt_tokens: -5, completion_tokens: -1, total_tokens: -6 } };
    case 'usage-nan':
      return { usage: { prompt_tokens: 'NaN', completion_tokens: 'NaN', total_tokens: 'NaN' } };
    default:
      return { usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output } };
  }
}
