import type { TenantId } from '#domain/ids.ts';
import type { ChatAddress } from '#models/locate-chat.ts';
import type { Clock } from '#platform/clock.ts';

/** What accepted messages have taught of late, so that a flood can be refused before the database is asked. */
export interface KnownChats {
  /** The tenant behind an address that was let in lately; null where it is unknown, or the key was accepted here. */
  tenantOfNew(address: ChatAddress): TenantId | null;
  /** This tenant takes chats at this address. */
  letIn(address: ChatAddress, tenantId: TenantId): void;
  /** Whoever sends this key again asks for its answer, and takes no place. */
  accepted(address: ChatAddress): void;
}

const TENANT_KNOWN_MS = 5000;
const TENANTS_MAX = 10_000;
const KEYS_MAX = 10_000;

export function rememberChats(clock: Clock): KnownChats {
  const tenants = new Map<string, { tenantId: TenantId; atMs: number }>();
  const keys = new Set<string>();
  const nowMs = (): number => clock.now().getTime();
  return {
    tenantOfNew(address) {
      const known = tenants.get(nameOf(address));
      if (known === undefined || nowMs() - known.atMs >= TENANT_KNOWN_MS) return null;
      return keys.has(keyOf(address)) ? null : known.tenantId;
    },
    letIn(address, tenantId) {
      if (tenants.size >= TENANTS_MAX) tenants.clear();
      tenants.set(nameOf(address), { tenantId, atMs: nowMs() });
    },
    accepted(address) {
      // The oldest goes: a set keeps the order in which its keys came.
      for (const oldest of keys) {
        if (keys.size < KEYS_MAX) break;
        keys.delete(oldest);
      }
      keys.add(keyOf(address));
    },
  };
}

/** Under which name callers ask for the tenant on this path. */
function nameOf({ channel, tenant }: ChatAddress): string {
  if ('businessId' in tenant) return `${channel} ${tenant.businessId}`;
  if ('tenantId' in tenant) return `${channel} ${tenant.tenantId}`;
  return `${channel} ${tenant.widgetKey} ${tenant.entries.join(' ')}`;
}

function keyOf(address: ChatAddress): string {
  return `${nameOf(address)} ${address.sessionId ?? address.clientIdHash} ${address.clientMessageId}`;
}
