export type Lock = { release: () => void; heldBy?: never } | { release?: never; heldBy: number };
export function takeLock(file: string): Lock;
