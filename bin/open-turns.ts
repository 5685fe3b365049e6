import { randomUUID } from 'node:crypto';

import { createTurnActivities } from '#activities/turn/index.ts';
import { createStopBoard } from '#activities/turn/stop-board.ts';
import type { TurnDeps } from '#activities/turn/turn-deps.ts';
import { isId } from '#domain/ids.ts';
import { listen, type BellChannel, type Doorbell } from '#platform/doorbell.ts';
import type { Env } from '#platform/env.ts';
import { openLlm } from '#platform/llm.ts';

import type { AnswerLine } from './answer-line.ts';

type TurnsEnv = Env & { DATABASE_URL: string };
type GivenDeps = Omit<TurnDeps, 'llm' | 'leaseToken' | 'stopBoard' | 'announce' | 'showText'>;

export interface Turns {
  activities: ReturnType<typeof createTurnActivities>;
  close(): Promise<void>;
}

/** The turns of one worker, with the model they ask, the ear for what stops them, and the line their words go by. */
export async function openTurns(
  env: TurnsEnv,
  deps: GivenDeps,
  { line, doorbell, ringEndpoints }: { line: AnswerLine; doorbell: Doorbell; ringEndpoints: RingEndpoints },
): Promise<Turns> {
  const llm = openLlm({ baseUrl: env.OPENAI_BASE_URL, apiKey: env.OPENAI_API_KEY });
  await llm.warmUp();
  const stopBoard = createStopBoard();
  const onRing = (channel: BellChannel, id: string): void => {
    if (channel === 'turn_stop' && isId('ses', id)) stopBoard.ring(id);
  };
  line.hear(onRing);
  const ear = listen({ url: env.DATABASE_URL, channels: ['turn_stop'], logger: deps.logger, onRing });
  const activities = createTurnActivities({
    ...deps,
    llm,
    leaseToken: randomUUID(),
    stopBoard,
    announce(answer, endpointIds) {
      if (!line.deliver(answer)) doorbell.ring('turn_done', `${answer.turnId} ${answer.sessionId}`);
      ringEndpoints(endpointIds);
    },
    showText(chunk) {
      if (!line.show(chunk)) doorbell.ring('reply_chunk', chunk.turnId);
    },
  });
  return { activities, close: () => ear.close() };
}

type RingEndpoints = (ids: Parameters<TurnDeps['announce']>[1]) => void;
