/** What this browser remembers of a conversation: enough to go on with it, and not a word of it. */
export interface Memory {
  id: string;
  token: string | null;
  /** Number of the last message seen. */
  seq: number;
}

export function readMemory(key: string): Memory {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? 'null');
    if (isMemory(kept)) return kept;
  } catch {
    // Storage is refused, or somebody else's text stands there: this page then remembers for itself.
  }
  return { id: randomId(), token: null, seq: 0 };
}

export function keepMemory(key: string, memory: Memory): void {
  try {
    localStorage.setItem(key, JSON.stringify(memory));
  } catch {
    // Full, or refused: the conversation lasts as long as the page.
  }
}

/** Twenty characters: too short to be a proof by itself, so that it may stand in a query. */
export function randomId(): string {
  const bytes = String.fromCharCode(...crypto.getRandomValues(new Uint8Array(15)));
  return btoa(bytes).replaceAll('+', '-').replaceAll('/', '_');
}

function isMemory(kept: unknown): kept is Memory {
  return typeof kept === 'object' && kept !== null && 'id' in kept && typeof kept.id === 'string';
}
