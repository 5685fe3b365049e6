/** One event of a stream, as the server tells it. */
export interface StreamEvent {
  /** The cursor a reader comes back with in `Last-Event-ID`. */
  id: string;
  event: string;
  data: unknown;
}

/** The event in the format of the HTML standard (server-sent events). JSON has no line break, so one `data` line. */
export function eventText({ id, event, data }: StreamEvent): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Keeps the connection open through proxies; readers skip it. */
export const HEARTBEAT = ': still here\n\n';

/** How long a reader waits before it comes back. */
export function retryText(retryMs: number): string {
  return `retry: ${retryMs}\n\n`;
}
