import type { CanonicalValue } from './canonical-json.ts';

/** One place where two documents differ, by its JSON Pointer (RFC 6901). */
export type JsonChange =
  | { op: 'add'; pointer: string; after: CanonicalValue }
  | { op: 'remove'; pointer: string; before: CanonicalValue }
  | { op: 'replace'; pointer: string; before: CanonicalValue; after: CanonicalValue };

interface Parent {
  readonly [name: string]: CanonicalValue;
}

/** Every smallest place that differs, in the order of the documents. Items of lists are compared by their position. */
export function diffJson(before: CanonicalValue, after: CanonicalValue, pointer = ''): JsonChange[] {
  const inside = [membersOf(before), membersOf(after)] as const;
  const [left, right] = inside;
  if (left === null || right === null || Array.isArray(before) !== Array.isArray(after)) {
    return before === after ? [] : [{ op: 'replace', pointer, before, after }];
  }
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].flatMap((name) => diffMember(left, right, { name, pointer: `${pointer}/${escaped(name)}` }));
}

function diffMember(left: Parent, right: Parent, { name, pointer }: { name: string; pointer: string }): JsonChange[] {
  const before = Object.hasOwn(left, name) ? left[name] : undefined;
  const after = Object.hasOwn(right, name) ? right[name] : undefined;
  if (before === undefined) return after === undefined ? [] : [{ op: 'add', pointer, after }];
  if (after === undefined) return [{ op: 'remove', pointer, before }];
  return diffJson(before, after, pointer);
}

/** Null for what has no parts. */
function membersOf(value: CanonicalValue): Parent | null {
  if (typeof value !== 'object' || value === null) return null;
  return isList(value) ? Object.fromEntries(value.entries()) : value;
}

function isList(value: object): value is readonly CanonicalValue[] {
  return Array.isArray(value);
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
