export function markOf(pid: number): string;
export function stillRuns(mark: string): boolean;
export function isAlive(pid: number): boolean;
