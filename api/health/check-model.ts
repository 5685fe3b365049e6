import type { ComponentHealth } from '#contract/health.ts';
import type { Clock } from '#platform/clock.ts';

const DEADLINE_MS = 2000;
/** Health is asked often, the vendor need not be. */
const ASK_AGAIN_MS = 30_000;
const DEFAULT_BASE_URL = 'https://api.openai.com/v1';

export interface ModelAccess {
  apiKey: string | undefined;
  baseUrl: string | undefined;
  clock: Clock;
}

/** Lists the model server's models: it costs nothing, and shows whether address and key work. */
export function checkModel({ apiKey, baseUrl = DEFAULT_BASE_URL, clock }: ModelAccess): () => Promise<ComponentHealth> {
  const url = `${baseUrl.replace(/\/$/, '')}/models`;
  let asked: { atMs: number; health: ComponentHealth } | null = null;

  return async () => {
    const atMs = clock.now().getTime();
    if (asked !== null && atMs - asked.atMs < ASK_AGAIN_MS) return asked.health;
    const health = await ask(url, apiKey);
    // A bad answer is asked for again at once: the repair should show as soon as it is made.
    asked = health.state === 'ok' ? { atMs, health } : null;
    return health;
  };
}

/** Without the model no new answer is made, but messages are kept and everything else works: degraded. */
async function ask(url: string, apiKey: string | undefined): Promise<ComponentHealth> {
  try {
    const answer = await fetch(url, {
      headers: apiKey === undefined ? {} : { Authorization: `Bearer ${apiKey}` },
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    await answer.body?.cancel();
    if (answer.status === 401 || answer.status === 403) return { state: 'degraded', detail: 'the API key is refused' };
    if (answer.status >= 500) return { state: 'degraded', detail: `the model server answers ${answer.status}` };
    return { state: 'ok' };
  } catch {
    return { state: 'degraded', detail: 'the model server cannot be reached' };
  }
}
