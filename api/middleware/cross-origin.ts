import { Problem } from '#contract/problems.ts';
import type { Next, ParameterizedContext } from 'koa';

import { countRead } from '../limits/limit-by-address.ts';
import { familyOf } from '../policies/cross-origin.ts';
import type { RequestState, Step } from '../state.ts';
import type { IsListedOrigin } from '../widget/listed-origins.ts';

type Context = ParameterizedContext<RequestState>;

const PREFLIGHT_MAX_AGE_S = '600';
const WIDGET_HEADERS = [
  'Content-Type',
  'X-Widget-Key',
  'X-Session-Token',
  'X-Bob-Notice',
  'Idempotency-Key',
  'Last-Event-ID',
];

/**
 * Stands before the body parser and inside `problems()`: an error that a page is not allowed to read would look to its
 * author like a mistake in this very table, which docs/REQUEST_FLOWS.md explains. Credentials are never allowed.
 */
export function crossOrigin({ isListed }: { isListed: IsListedOrigin }): Step {
  return async (ctx, next) => {
    const isPreflight = ctx.method === 'OPTIONS' && ctx.get('Access-Control-Request-Method') !== '';
    switch (familyOf(ctx.path)) {
      case 'listed':
        await answerListed(ctx, { isPreflight, isAllowed: await allowListed(ctx, { isPreflight, isListed }) }, next);
        return;
      case 'asset':
        if (isPreflight) throw refusal();
        ctx.set('Access-Control-Allow-Origin', '*');
        ctx.set('Cross-Origin-Resource-Policy', 'cross-origin');
        await next();
        return;
      case 'open':
        ctx.set('Access-Control-Allow-Origin', '*');
        if (isPreflight) return answer(ctx, { methods: 'GET, HEAD, POST', headers: 'Content-Type' });
        await next();
        return;
      case 'own':
        if (isPreflight) throw refusal();
        await next();
        return;
    }
  };
}

/** The answer differs by origin, and says so to caches where it allows none as well. */
async function allowListed(
  ctx: Context,
  { isPreflight, isListed }: { isPreflight: boolean; isListed: IsListedOrigin },
): Promise<boolean> {
  const origin = ctx.get('Origin');
  ctx.vary('Origin');
  // No route below counts a preflight, and anybody can make up origins. A call is counted by its route.
  const beforeAsking = isPreflight ? () => countRead(ctx) : undefined;
  if (origin === '' || !(await isListed(origin, beforeAsking))) return false;
  ctx.set('Access-Control-Allow-Origin', origin);
  ctx.set('Access-Control-Expose-Headers', 'Retry-After, X-Request-Id');
  return true;
}

/** A preflight never carries the key, so all it can be asked is whether anybody lists the page. */
async function answerListed(
  ctx: Context,
  { isPreflight, isAllowed }: { isPreflight: boolean; isAllowed: boolean },
  next: Next,
): Promise<void> {
  if (!isPreflight) {
    await next();
    return;
  }
  if (!isAllowed) throw new Problem('origin-not-allowed', { detail: 'No widget lists this origin.' });
  answer(ctx, { methods: 'GET, POST', headers: WIDGET_HEADERS.join(', ') });
}

function answer(ctx: Context, { methods, headers }: { methods: string; headers: string }): void {
  ctx.set('Access-Control-Allow-Methods', methods);
  ctx.set('Access-Control-Allow-Headers', headers);
  ctx.set('Access-Control-Max-Age', PREFLIGHT_MAX_AGE_S);
  ctx.status = 204;
}

function refusal(): Problem {
  return new Problem('origin-not-allowed', { detail: 'This route cannot be called from pages of other origins.' });
}
