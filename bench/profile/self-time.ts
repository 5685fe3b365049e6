import { isAbsolute, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What V8 gives: a tree of functions, and after which time which of them was seen running. */
export interface CpuProfile {
  nodes: readonly { id: number; callFrame: { functionName: string; url: string } }[];
  samples?: readonly number[];
  timeDeltas?: readonly number[];
}

/** Milliseconds of each area's own code; waiting is none. */
export function selfTime(profile: CpuProfile, root: string): Map<string, number> {
  const areas = new Map(profile.nodes.map(({ id, callFrame }) => [id, areaOf(callFrame, root)]));
  const msByArea = new Map<string, number>();
  for (const [index, id] of (profile.samples ?? []).entries()) {
    const area = areas.get(id) ?? '(unknown)';
    if (area === '(idle)') continue;
    // V8 dates a sample by the time since the one before it, so what was seen then lasts until the next.
    const lastedMs = Math.max(0, profile.timeDeltas?.[index + 1] ?? 0) / 1000;
    msByArea.set(area, (msByArea.get(area) ?? 0) + lastedMs);
  }
  return new Map([...msByArea].toSorted((a, b) => b[1] - a[1]));
}

/** The package, our own folder, the part of Node, or what V8 does between. */
export function areaOf({ functionName, url }: { functionName: string; url: string }, root: string): string {
  if (url === '') return functionName.startsWith('(') ? functionName : `native ${functionName}`;
  if (url.startsWith('node:'))
    return `node:${
      url
        .slice(5)
        .replace(/^internal\//, '')
        .split('/')[0]
    }`;
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  const [, inPackage] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
  if (inPackage !== undefined) return inPackage;
  if (!isAbsolute(path)) return 'workflow bundle';
  const own = relative(root, path);
  return own.startsWith('..') ? 'other' : `bob ${own.split('/')[0]}`;
}
