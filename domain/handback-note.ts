/** What happened while people answered, as far as the next prompt has to know it. */
export interface HumanStretch {
  /** Who wrote, in the order of their first message. */
  names: readonly string[];
  /** Numbers of the messages between Bob's last word and the hand-back; null where there was none. */
  messages: { from: number; to: number } | null;
  /** What the last person wants Bob to know. */
  note: string | null;
}

/** Read by the model, not by visitors: plain English, whatever the language of the conversation. */
export function handbackNote({ names, messages, note }: HumanStretch): string {
  const happened = messages === null ? NOTHING_SAID : whoAnswered(names, rangeOf(messages));
  return [happened, 'You answer again from here.', ...(note === null ? [] : [`Note: ${note}`])].join(' ');
}

const NOTHING_SAID = 'A person was in charge of the conversation; nothing was said.';

function whoAnswered(names: readonly string[], range: string): string {
  if (names.length === 0) return `A person was in charge of ${range} and answered nothing.`;
  const people = names.length === 1 ? 'A person' : `${names.length} people`;
  return `${people} (${names.join(', ')}) answered ${range}.`;
}

function rangeOf({ from, to }: { from: number; to: number }): string {
  return from === to ? `message ${from}` : `messages ${from} to ${to}`;
}
