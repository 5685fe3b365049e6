import { defineSignal } from '@temporalio/workflow';

import { LANE_WAKE_SIGNAL } from '#domain/webhooks/lane-messages.ts';

/** Something may be due. It says no more, since the rows are read again anyway: lost or doubled, it does no harm. */
export const wake = defineSignal(LANE_WAKE_SIGNAL);
