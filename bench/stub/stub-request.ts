import { listOf, parseRecord, recordOf, stringOf } from '../wire/parse-record.ts';

export interface StubMessage {
  role: string;
  content: string;
}

export interface StubRequest {
  model: string;
  messages: readonly StubMessage[];
  stream: boolean;
  includeUsage: boolean;
  toolNames: readonly string[];
}

/** Reads as much of a chat completion request as the stub needs; null when it is none. */
export function readStubRequest(text: string): StubRequest | null {
  const body = parseRecord(text);
  const messages = listOf(body['messages']).map((message) => readMessage(message));
  if (typeof body['model'] !== 'string' || messages.length === 0) return null;
  return {
    model: body['model'],
    messages,
    stream: body['stream'] === true,
    includeUsage: recordOf(body['stream_options'])['include_usage'] === true,
    toolNames: listOf(body['tools']).map((tool) => stringOf(recordOf(recordOf(tool)['function'])['name'])),
  };
}

export function lastUserMessage(request: StubRequest): string {
  return request.messages.findLast((message) => message.role === 'user')?.content ?? '';
}

export function countUserMessages(request: StubRequest): number {
  return request.messages.filter((message) => message.role === 'user').length;
}

function readMessage(message: unknown): StubMessage {
  const { role, content } = recordOf(message);
  return { role: stringOf(role), content: readContent(content) };
}

/** A text, or parts of which some hold a text. */
function readContent(content: unknown): string {
  if (typeof content === 'string') return content;
  return listOf(content)
    .map((part) => stringOf(recordOf(part)['text']))
    .join('');
}
