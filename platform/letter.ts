export interface Mail {
  to: string;
  subject: string;
  text: string;
}

/** A mail on its way: it has a name of its own, so that no log line needs its address. */
export interface Letter extends Mail {
  id: string;
  from: string;
}

/** Brings a letter out of the house, and tells what of that the log may know. */
export type Deliver = (letter: Letter) => Promise<Record<string, string>>;
