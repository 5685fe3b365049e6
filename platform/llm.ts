import type { ChatOpenAI } from '@langchain/openai';

import type { PromptMessage } from '#domain/prompt.ts';

import { emptyAnswer, type LlmAnswer } from './llm-answer.ts';
import { LlmFailure, readFailure } from './llm-failure.ts';
import { readChunks } from './llm-stream.ts';

export interface LlmSettings {
  baseUrl?: string | undefined;
  apiKey?: string | undefined;
}

export interface LlmRequest {
  /** The provider's own name of the model. */
  model: string;
  messages: readonly PromptMessage[];
  /** In thousandths, as the persona holds it. */
  temperature: number;
  outputTokensMax: number;
  /** The longest silence between two pieces, the first one included. */
  idleTimeoutMs: number;
  signal: AbortSignal;
  /** Told each piece of text while the model speaks. */
  onText?: ((text: string) => void) | undefined;
}

export interface Llm {
  /** One call, never repeated in here: the workflow decides on retries. Throws `LlmFailure`. */
  answer(request: LlmRequest): Promise<LlmAnswer>;
  /** Loads the client library, so that the first visitor does not wait for it. */
  warmUp(): Promise<void>;
}

/** Any OpenAI-compatible server. LangChain is loaded by the worker alone: the API process never pays for it. */
export function openLlm(settings: LlmSettings): Llm {
  const clients = new Map<string, Promise<ChatOpenAI>>();

  function clientFor(request: LlmRequest): Promise<ChatOpenAI> {
    const key = `${request.model} ${request.temperature} ${request.outputTokensMax}`;
    const known = clients.get(key);
    if (known !== undefined) return known;
    // The cut output of a small hold makes many keys; the oldest client goes.
    if (clients.size >= CLIENT_MAX) clients.delete(clients.keys().next().value ?? '');
    const made = createClient(settings, request);
    clients.set(key, made);
    return made;
  }

  return {
    async warmUp() {
      await import('@langchain/openai');
    },
    async answer(request) {
      const client = await clientFor(request);
      const answer = emptyAnswer();
      const silence = new AbortController();
      const signal = AbortSignal.any([request.signal, silence.signal]);
      // Runs from the request on: a server that never answers at all is as silent as one that stalls in the middle.
      const timer = setTimeout(() => silence.abort(), request.idleTimeoutMs);
      try {
        const chunks = await client.stream(toLangChain(request.messages), { signal });
        return await readChunks(chunks, { onChunk: () => timer.refresh(), onText: request.onText, answer });
      } catch (error) {
        if (request.signal.aborted) throw new LlmFailure('model-aborted', { cause: error, partial: answer });
        if (silence.signal.aborted) throw new LlmFailure('model-timeout', { cause: error });
        throw readFailure(error);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

const CLIENT_MAX = 100;

async function createClient(settings: LlmSettings, request: LlmRequest): Promise<ChatOpenAI> {
  const { ChatOpenAI } = await import('@langchain/openai');
  return new ChatOpenAI({
    model: request.model,
    // A compatible server on loopback needs no key, but the client insists on a text.
    apiKey: settings.apiKey ?? 'none',
    maxRetries: 0,
    maxTokens: request.outputTokensMax,
    ...(takesTemperature(request.model) ? { temperature: request.temperature / 1000 } : {}),
    configuration: {
      // The client would print what it cannot parse, and that may be words of a conversation.
      logLevel: 'off',
      ...(settings.baseUrl === undefined ? {} : { baseURL: settings.baseUrl }),
    },
  });
}

/** The reasoning families refuse a temperature. */
function takesTemperature(model: string): boolean {
  return !/^(gpt-5|o\d)/.test(model);
}

function toLangChain(messages: readonly PromptMessage[]): [string, string][] {
  return messages.map(({ role, content }) => [role, content]);
}
