/** Rows as text, the first column to the left, figures to the right. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((text, column) => (column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0)))
      .join('  '),
  );
}

const NAME_MAX = 60;

/** Begin and end of a name: the one of a native function may have hundreds of letters. */
export function short(name: string): string {
  if (name.length <= NAME_MAX) return name;
  const half = (NAME_MAX - 1) / 2;
  return `${name.slice(0, Math.ceil(half))}…${name.slice(-Math.floor(half))}`;
}

export function show(value: number | null): string {
  return value === null ? 'void' : value.toFixed(2);
}
