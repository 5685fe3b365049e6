import type { Language } from './languages.ts';
import type { Channel } from './turn.ts';

/** Everything of a persona that changes behaviour. Immutable once published; a session is pinned to one of these. */
export type PersonaSnapshot = {
  identity: { name: string; description: string; tone: string };
  instructions: { systemPrompt: string };
  disclosure: { placement: 'banner' | 'first_message' | 'both' };
  grounding: { mode: 'required' | 'preferred' | 'off'; minScore: number };
  /** `default` is the installation's own model; the receipt names the one that answered. */
  model: { id: string; temperature: number; maxOutputTokens: number; attempts: number; timeoutMs: number };
  /** Without `burst` the path decides: see `burstOf`. */
  session: { historyTokens: number; idleCloseMs: number; burst?: Burst };
};

/** Several messages in a row: the newest is answered for all of them, or each after the one before. */
export type Burst = 'supersede' | 'queue';

export const PERSONA_SCHEMA_VERSION = 1;
const SLUG_LENGTH_MAX = 60;

/** A visitor who types on means one question; a program that calls for a user means each of them. */
export function burstOf({ session }: Pick<PersonaSnapshot, 'session'>, channel: Channel): Burst {
  return session.burst ?? (channel === 'signed_in' ? 'queue' : 'supersede');
}

export interface PersonaWords {
  name: string;
  description: string;
  tone: string;
  systemPrompt: string;
}

/** A snapshot with default behaviour around the four texts a tenant writes. `temperature` is in thousandths. */
export function snapshotOf({ name, description, tone, systemPrompt }: PersonaWords): PersonaSnapshot {
  return {
    identity: { name, description, tone },
    instructions: { systemPrompt },
    disclosure: { placement: 'banner' },
    grounding: { mode: 'preferred', minScore: 2000 },
    model: { id: 'default', temperature: 200, maxOutputTokens: 800, attempts: 3, timeoutMs: 20_000 },
    session: { historyTokens: 3000, idleCloseMs: 15 * 60_000 },
  };
}

/** The four texts of a snapshot: what a tenant reads and edits as one flat body. */
export function wordsOf({ identity, instructions }: PersonaSnapshot): PersonaWords {
  return { ...identity, systemPrompt: instructions.systemPrompt };
}

/** A snapshot with other words; all else of it stays as it is. */
export function withWords(snapshot: PersonaSnapshot, words: PersonaWords): PersonaSnapshot {
  const { systemPrompt, ...identity } = words;
  return {
    ...snapshot,
    identity: { ...snapshot.identity, ...identity },
    instructions: { ...snapshot.instructions, systemPrompt },
  };
}

/** A persona's name for addresses and scripts, from the one that people read; `taken` are those of the tenant. */
export function personaSlug(name: string, taken: ReadonlySet<string>): string {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-');
  const slug = plain.slice(0, SLUG_LENGTH_MAX).replaceAll(/^-+|-+$/g, '') || 'persona';
  if (!taken.has(slug)) return slug;
  for (let n = 2; ; n += 1) if (!taken.has(`${slug}-${n}`)) return `${slug}-${n}`;
}

/** The persona every tenant is born with: it says for whom it speaks and what it can do. */
export function defaultPersonaWords(businessName: string, language: Language): PersonaWords {
  return {
    name: 'Bob',
    description: `The assistant of ${businessName}`,
    tone: 'friendly, clear and brief',
    systemPrompt: [
      `You are Bob, the AI assistant of ${businessName}. You answer visitors' questions about ${businessName}.`,
      'You only state what the passages or this text say. Where they are silent you say that you do not know.',
      `Answer in the visitor's language; where it is unclear, in the language with the code "${language}".`,
    ].join('\n'),
  };
}
