import type { Channel } from '#domain/turn.ts';
import { addressGroup } from '#platform/address-group.ts';
import type { ParameterizedContext } from 'koa';

import type { Actor, BodyState, RequestState, Step } from '../state.ts';
import { applyLimits } from './apply-limits.ts';
import type { RateUse } from './limits.ts';

type ChatState = BodyState<{ session_id: string; business_id?: string | undefined }> & { actor?: Actor };

/** Stands below `validateBody()`: messages of one session, and on visitors' paths of one address. */
export function limitChat(channel: Channel): Step<ChatState> {
  return async (ctx, next) => {
    const tenant = tenantOf(ctx, channel);
    const session = `${channel} ${tenant} ${ctx.state.body.session_id}`;
    await applyLimits(ctx, [
      ...whoIsNotSignedIn(ctx, channel),
      { rate: 'chat-session', subject: session },
      { rate: 'chat-session-hour', subject: session },
    ]);
    await next();
  };
}

/**
 * Everybody can read the key of a page. It is counted once the page is known to be the tenant's own, or any other page
 * could use up what its visitors have.
 */
export function countWidgetKey(ctx: ParameterizedContext<RequestState>, widgetKey: string): Promise<void> {
  return applyLimits(ctx, [{ rate: 'chat-key', subject: widgetKey }]);
}

/** What the caller says it is: whether that is so is looked up later, and a lie only counts against its own name. */
function tenantOf(ctx: ParameterizedContext<ChatState>, channel: Channel): string {
  switch (channel) {
    case 'public':
      return ctx.state.body.business_id ?? '';
    case 'widget':
      return ctx.get('X-Widget-Key');
    case 'signed_in':
      return ctx.state.actor?.tenantId ?? '';
    default:
      return channel satisfies never;
  }
}

/** A signed-in caller has the rate of its token instead: one server may speak for many people. */
function whoIsNotSignedIn(ctx: ParameterizedContext<ChatState>, channel: Channel): RateUse[] {
  return channel === 'signed_in' ? [] : [{ rate: 'chat-address', subject: addressGroup(ctx.ip) }];
}
