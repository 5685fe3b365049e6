import type { TurnAnswer } from '#domain/turn.ts';

import type { ApiDeps } from '../deps.ts';
import type { AcceptedChat } from './accept-chat.ts';
import type { WaitingTurn } from './handover-line.ts';

/** One accepted turn on its way to its session, as far as this caller is concerned. */
export interface TurnDrive {
  /** Nobody waits for that: the answer may be faster than its acknowledgement. */
  start(): void;
  /** It takes no place any more, and how long it took tells whether turns wait for each other. */
  end(answer: TurnAnswer): void;
  /** Nobody here will hear of its end. */
  leave(): void;
}

export type DriveDeps = Pick<ApiDeps, 'clock' | 'handToSession' | 'turnsInFlight'>;

export function driveTurn({ clock, handToSession, turnsInFlight }: DriveDeps, accepted: AcceptedChat): TurnDrive {
  const { place, tenantId, isAlone } = accepted;
  const tell = (): void => handToSession(accepted);
  let waiting: WaitingTurn | null = null;

  return {
    start() {
      // A turn that an earlier call has handed over is told of again at once: its session knows it, or is gone.
      if (place === null) tell();
      else waiting = turnsInFlight.handOver(tenantId, tell);
    },
    end({ outcome, modelMs }) {
      place?.end();
      const toldAt = waiting?.leave() ?? null;
      // Behind an earlier message of its own session it waited for that one.
      if (toldAt === null || !isAlone || outcome !== 'answered') return;
      const ownMs = clock.now().getTime() - toldAt - (modelMs ?? 0);
      turnsInFlight.hear({ modelMs: modelMs ?? 0, ownMs });
    },
    leave() {
      waiting?.leave();
      place?.forget();
    },
  };
}
