import { defineSignal, defineUpdate } from '@temporalio/workflow';

import { OWNER_CHANGED, SESSION_CLOSED, SUBMIT_TURN } from '#domain/session-handover.ts';
import type { OwnerChanged, SubmitTurn } from '#domain/session-handover.ts';

/** A turn of the session's conversation was accepted. */
export const submitTurn = defineUpdate<void, [SubmitTurn]>(SUBMIT_TURN);
/** A person speaks now, or Bob again: for whoever looks at Temporal. What counts is the row, which every turn reads. */
export const ownerChanged = defineSignal<[OwnerChanged]>(OWNER_CHANGED);
/** No message will be accepted any more. */
export const sessionClosed = defineSignal(SESSION_CLOSED);
