import type { FieldFault } from '#contract/problems.ts';
import type { z } from 'zod';

/** A body of 64 KiB can have ten thousand faults; who sees these knows what to look at. */
const FAULTS_MAX = 20;

/** The first faults, and whether there are more. */
export function tellFaults(faults: readonly FieldFault[]): { detail: string; errors: FieldFault[] } {
  const wrong = faults.length === 1 ? 'One field is wrong.' : `${faults.length} fields are wrong.`;
  const note = faults.length > FAULTS_MAX ? ` The first ${FAULTS_MAX} are listed.` : '';
  return { detail: wrong + note, errors: faults.slice(0, FAULTS_MAX) };
}

/** Every fault zod found, unknown fields one by one, each with the JSON Pointer (RFC 6901) of its place. */
export function fieldFaults(error: z.ZodError): FieldFault[] {
  return error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') {
      return [{ pointer: pointerOf(issue.path), code: issue.code, detail: issue.message }];
    }
    return issue.keys.map((key) => ({
      pointer: pointerOf([...issue.path, key]),
      code: 'unknown_field',
      detail: 'There is no such field',
    }));
  });
}

interface Place {
  value: unknown;
  key: string;
  parent: Place | null;
}

/** Texts that PostgreSQL or canonical JSON cannot hold: NUL, and halves of surrogate pairs. */
export function textFaults(value: unknown): FieldFault[] {
  const faults: FieldFault[] = [];
  // A list instead of recursion, and links instead of paths: a body of 64 KiB can be 30,000 levels deep.
  const waiting: Place[] = [{ value, key: '', parent: null }];
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    if (typeof place.value === 'string' && !isStorable(place.value)) {
      faults.push({ pointer: pointerTo(place), code: 'invalid_text', detail: 'Not valid Unicode text without NUL' });
    }
    if (typeof place.value !== 'object' || place.value === null) continue;
    for (const [key, inner] of Object.entries(place.value)) waiting.push({ value: inner, key, parent: place });
  }
  return faults;
}

function pointerTo(place: Place): string {
  const path: string[] = [];
  for (let at = place; at.parent !== null; at = at.parent) path.push(at.key);
  return pointerOf(path.toReversed());
}

function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
