import type { Config, Line } from '../types.ts';
import { keepMemory, readMemory, type Memory } from './memory.ts';

/** What the chat routes answer, problems included: each field may be missing. */
export interface Answer {
  seq?: number | null;
  reply?: string | null;
  session_token?: string;
  owner?: 'ai' | 'queue' | 'human';
  type?: string;
  detail?: string;
  new_session_id?: string;
  data?: { seq: number; text: string | null; author: { type: Line['author'] } }[];
}

export interface Reply {
  /** 0 where the network is gone. */
  status: number;
  body: Answer;
}

export interface Wire {
  /** Nothing is read or stored before the first use. */
  memory(): Memory;
  remember(change: Partial<Memory>): void;
  post(message: { text: string; key: string; language: string }): Promise<Reply>;
  messages(after: number): Promise<Reply>;
}

/** The calls, from a page of another site or from one of our own, which is a visitor of this server like any other. */
export function openWire(host: string, { tenant, business_id, key }: Config): Wire {
  const isOwnPage = location.origin === host;
  const path = `${host}/api/${isOwnPage ? '' : 'widget/'}chat`;
  const place = `bob:${tenant}`;
  let kept: Memory | null = null;
  const memory = (): Memory => (kept ??= readMemory(place));

  async function call(url: string, init: RequestInit, more: Record<string, string> = {}): Promise<Reply> {
    const { token } = memory();
    const headers = {
      ...more,
      ...(isOwnPage || key === null ? {} : { 'X-Widget-Key': key }),
      ...(token === null ? {} : { 'X-Session-Token': token }),
    };
    try {
      const response = await fetch(url, { ...init, headers, credentials: 'omit' });
      const body: unknown = await response.json();
      return { status: response.status, body: isAnswer(body) ? body : {} };
    } catch {
      return { status: 0, body: {} };
    }
  }

  return {
    memory,
    remember(change) {
      kept = { ...memory(), ...change };
      keepMemory(place, kept);
    },
    post({ text, key: messageKey, language }) {
      const page = location.origin + location.pathname;
      const own = isOwnPage ? { business_id } : { context: { language, page } };
      const body = JSON.stringify({ session_id: memory().id, message: text, ...own });
      const more = { 'Content-Type': 'application/json', 'Idempotency-Key': messageKey };
      return call(path, { method: 'POST', body }, more);
    },
    messages(after) {
      const query = new URLSearchParams({ session_id: memory().id, after: String(after) });
      if (isOwnPage) query.set('business_id', business_id);
      return call(`${path}/messages?${query}`, {});
    },
  };
}

function isAnswer(body: unknown): body is Answer {
  return typeof body === 'object' && body !== null;
}
