import type { ModelCall, ReleaseReason, WaivedReason } from '../usage.ts';

const WAIVED_BY: Readonly<Record<ReleaseReason, WaivedReason>> = {
  refused: 'blocked',
  blocked: 'blocked',
  failed: 'provider_error',
  superseded: 'superseded',
  withheld: 'withheld',
  suppressed: 'withheld',
  credit_stopped: 'blocked',
};

/** A released turn costs nothing: each of its calls is waived, by its own reason or by that of the release. */
export function waiveCalls(calls: readonly ModelCall[], reason: ReleaseReason): ModelCall[] {
  return waiveRest(calls, WAIVED_BY[reason]);
}

/** What is waived already keeps its own reason; the rest is waived for this one. */
export function waiveRest(calls: readonly ModelCall[], reason: WaivedReason): ModelCall[] {
  return calls.map((call) => ({ ...call, waived: call.waived ?? reason }));
}
