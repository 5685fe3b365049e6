export interface StreamEvent {
  /** Empty where the stream names none. */
  name: string;
  data: string;
  atMs: number;
}

/** Takes the text of an event stream piece by piece; an event is told when its empty line has come. */
export function readEventStream(tell: (event: StreamEvent) => void, nowMs: () => number): (piece: string) => void {
  let rest = '';
  return (piece) => {
    const blocks = (rest + piece).replaceAll('\r\n', '\n').split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const lines = block.split('\n');
      const fieldsOf = (field: string): string[] =>
        lines.filter((line) => line.startsWith(`${field}:`)).map((line) => line.slice(field.length + 1).trimStart());
      const data = fieldsOf('data');
      // A comment is a heartbeat: it carries nothing.
      if (data.length > 0) tell({ name: fieldsOf('event')[0] ?? '', data: data.join('\n'), atMs: nowMs() });
    }
  };
}
