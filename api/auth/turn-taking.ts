/** Runs the work of one key one after the other, in the order it came; different keys do not wait for each other. */
export function createTurnTaking() {
  const lastOf = new Map<string, Promise<unknown>>();
  return async function inTurn<Result>(key: string, run: () => Promise<Result>): Promise<Result> {
    const before = lastOf.get(key) ?? Promise.resolve();
    const mine = before.then(run, run);
    lastOf.set(key, mine);
    try {
      return await mine;
    } finally {
      if (lastOf.get(key) === mine) lastOf.delete(key);
    }
  };
}
