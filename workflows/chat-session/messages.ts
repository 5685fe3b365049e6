import { defineUpdate } from '@temporalio/workflow';

import { SUBMIT_TURN, type SubmitTurn } from '#domain/session-handover.ts';

/** The one thing a session is told: that a turn of its conversation was accepted. */
export const submitTurn = defineUpdate<void, [SubmitTurn]>(SUBMIT_TURN);
