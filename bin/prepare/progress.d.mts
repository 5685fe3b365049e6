export function startProgress(write?: (text: string) => void): (line: string) => void;
export function withTicks<T>(tick: () => void, work: () => Promise<T>, everyMs?: number): Promise<T>;
