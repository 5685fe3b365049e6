import type { TenantId } from '#domain/ids.ts';

export interface MissingOrigins {
  /** A page asked for this tenant's widget, or called it. */
  note(tenantId: TenantId, origin: string): void;
  /** Newest last. Whoever asks takes those off that are listed by now. */
  of(tenantId: TenantId): string[];
}

const TENANTS_MAX = 1000;
const ORIGINS_MAX = 10;

/** A hint for who sets a widget up, and no more: it lives in this process and forgets the oldest. */
export function createMissingOrigins(): MissingOrigins {
  const seen = new Map<TenantId, Set<string>>();

  return {
    note(tenantId, origin) {
      const origins = seen.get(tenantId) ?? new Set<string>();
      // Taken out and put in again: the first of a map or set is the one longest unheard of.
      seen.delete(tenantId);
      seen.set(tenantId, origins);
      origins.delete(origin);
      origins.add(origin);
      dropFirst(origins, ORIGINS_MAX);
      dropFirst(seen, TENANTS_MAX);
    },
    of: (tenantId) => [...(seen.get(tenantId) ?? [])],
  };
}

function dropFirst<Key>(kept: { size: number; keys(): Iterator<Key>; delete(key: Key): boolean }, max: number): void {
  if (kept.size <= max) return;
  const first = kept.keys().next();
  if (first.done !== true) kept.delete(first.value);
}
