/** A part could not be started for a reason the person at the keyboard can act on: its message is the whole story. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart';
}

/**
 * What a full disk looks like, as an error of Node and as a line of PostgreSQL's or SQLite's own log. PostgreSQL tells
 * of the write that came out short, when a part of it still found room.
 */
export function tellsOfFullDisk(error: unknown): boolean {
  return /ENOSPC|No space left on device|disk is full|wrote only \d+ of \d+ bytes/i.test(String(error));
}

export function fullDisk(folder: string): CannotStart {
  return new CannotStart(`There is no space left on the disk for the data directory ${folder}. Nothing was kept.`);
}
