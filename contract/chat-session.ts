import { z } from 'zod';

import { BusinessId, ClientSessionId, Disclosure } from './chat.ts';
import { prefixedId } from './common.ts';
import { SessionView } from './sessions.ts';

export const OpenChatSession = z
  .strictObject({
    session_id: ClientSessionId.optional().meta({ description: 'A new long one without' }),
    persona_id: prefixedId('per').optional().meta({ description: "The business's default persona without" }),
    business_id: BusinessId.optional().meta({ description: "The caller's own; no other is taken" }),
  })
  .meta({ id: 'OpenChatSession' });
export type OpenChatSession = z.output<typeof OpenChatSession>;

export const ChatSession = z
  .object({ session_id: z.string(), ...SessionView.shape, disclosure: Disclosure })
  .meta({ id: 'ChatSession' });
export type ChatSession = z.output<typeof ChatSession>;
