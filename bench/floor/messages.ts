/** All that Temporal learns of a turn. */
export interface FloorTurn {
  turnId: string;
}

export const FLOOR_TASK_QUEUE = 'bench-floor';
