/** What a change really changes, before and after: fields not given, or given as they are, are no change. */
export function changedFields<Fields extends object>(
  current: Fields,
  wanted: { [Field in keyof Fields]?: Fields[Field] | undefined },
): { before: Partial<Fields>; after: Partial<Fields> } {
  const before: Partial<Fields> = {};
  const after: Partial<Fields> = {};
  for (const field in wanted) {
    const value = wanted[field];
    if (value === undefined || JSON.stringify(value) === JSON.stringify(current[field])) continue;
    before[field] = current[field];
    after[field] = value;
  }
  return { before, after };
}
