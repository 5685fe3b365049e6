import { Problem } from '#contract/problems.ts';
import { readOriginHeader } from '#domain/widget-origin.ts';
import { entriesFor } from '#domain/widget-page.ts';
import type { LocatedChat, WidgetPage } from '#models/locate-chat.ts';
import type { Clock } from '#platform/clock.ts';

import type { RequestState, Step } from '../state.ts';

export interface WidgetPageState extends RequestState {
  page: WidgetPage & { origin: string };
}

const WIDGET_KEY = /^pk_live_[\w-]{43}$/;

/** What a page must say of itself before anything is read: a key that can be one, and where it comes from. */
export function widgetPage(clock: Clock): Step<WidgetPageState> {
  return async (ctx, next) => {
    const widgetKey = ctx.get('X-Widget-Key');
    if (!WIDGET_KEY.test(widgetKey)) throw keyInvalid();
    const origin = readOriginHeader(ctx.get('Origin'));
    if (origin === null) {
      throw new Problem('origin-not-allowed', { detail: 'Widget calls name the page they come from in Origin.' });
    }
    ctx.state.page = { widgetKey, origin, entries: entriesFor(origin), at: clock.now() };
    await next();
  };
}

/** Key and origin must belong to the same tenant. `missed` is told of a page that is not on its list. */
export function admitPage(
  located: LocatedChat | null,
  { origin }: { origin: string },
  missed: (tenantId: LocatedChat['tenantId'], origin: string) => void,
): LocatedChat {
  if (located === null) throw keyInvalid();
  if (located.originListed) return located;
  missed(located.tenantId, origin);
  throw new Problem('origin-not-allowed', {
    detail: `${origin} is not among the allowed origins of this widget. Its owner can add it in the widget settings.`,
    extensions: { origin },
  });
}

function keyInvalid(): Problem {
  return new Problem('widget-key-invalid', {
    detail: 'Send a widget key that works in X-Widget-Key.',
    headers: { 'WWW-Authenticate': 'Widget-Key realm="bob"' },
  });
}
