/** Each cell of a Markdown table becomes a line: "Pro: Price a month $249". Other lines stay as they are. */
export function readTables(text: string): string {
  let columns: readonly string[] | null = null;
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    const cells = cellsOf(line);
    if (cells === null) {
      columns = null;
      lines.push(line);
    } else if (columns === null) {
      columns = cells;
    } else if (!cells.every((cell) => /^:?-+:?$/.test(cell))) {
      lines.push(...sayRow(columns, cells));
    }
  }
  return lines.join('\n');
}

function cellsOf(line: string): string[] | null {
  const parts = /^\s*\|(.+)\|\s*$/.exec(line);
  return parts === null ? null : (parts[1] ?? '').split('|').map((cell) => cell.trim());
}

function sayRow(columns: readonly string[], [name = '', ...cells]: readonly string[]): string[] {
  return cells.map((cell, index) => `${columns[index + 1] ?? ''}: ${name} ${cell}`);
}
