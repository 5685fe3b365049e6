/** Another transaction ended this turn first; whoever sees this rolls back and reads the outcome on record. */
export class TurnAlreadyEnded extends Error {
  override name = 'TurnAlreadyEnded';
}

/** The same turn asked for a hold with other contents: a fault of the caller, never answered with credits. */
export class HoldKeyConflict extends Error {
  override name = 'HoldKeyConflict';
}
