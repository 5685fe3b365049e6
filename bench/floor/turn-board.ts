import { randomUUID } from 'node:crypto';
import type { FloorTurn } from './messages.ts';

export interface TurnBoard {
  /** A message that waits for its turn to be taken. */
  begin(said: { sessionId: string; message: string }): { turn: FloorTurn; reply: Promise<string> };
  /** The activity: it answers who waits, and that is all. */
  takeTurn(turn: FloorTurn): Promise<void>;
  fail(turn: FloorTurn, error: unknown): void;
}

interface Waiting {
  text: string;
  resolve(reply: string): void;
  reject(error: unknown): void;
}

/** Who waits, in memory. A reply has the form of the stub model's, by which the load tells right from wrong. */
export function openTurnBoard(): TurnBoard {
  const waiting = new Map<string, Waiting>();
  const counts = new Map<string, number>();
  const take = ({ turnId }: FloorTurn): Waiting | undefined => {
    const found = waiting.get(turnId);
    waiting.delete(turnId);
    return found;
  };
  return {
    begin({ sessionId, message }) {
      const count = (counts.get(sessionId) ?? 0) + 1;
      counts.set(sessionId, count);
      const [, mark = 'unmarked'] = /mark:([\w-]+)/.exec(message) ?? [];
      const turn = { turnId: randomUUID() };
      const reply = new Promise<string>((resolve, reject) => {
        waiting.set(turn.turnId, { text: `seen:${count} mark:${mark}`, resolve, reject });
      });
      return { turn, reply };
    },
    async takeTurn(turn) {
      const found = take(turn);
      found?.resolve(found.text);
    },
    fail: (turn, error) => take(turn)?.reject(error),
  };
}
