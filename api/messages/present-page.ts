/** Messages after a number: one more than asked for was read, which tells whether there is more. */
export interface MessagePage<Shown> {
  data: Shown[];
  next_after: number;
  has_more: boolean;
}

/** `after` and `limit` as the reader gave them; `next_after` is where its next question starts. */
export function presentPage<Read extends { seq: number }, Shown>(
  messages: readonly Read[],
  { after, limit }: { after: number; limit: number },
  present: (message: Read) => Shown,
): MessagePage<Shown> {
  const page = messages.slice(0, limit);
  return { data: page.map(present), next_after: page.at(-1)?.seq ?? after, has_more: messages.length > limit };
}
