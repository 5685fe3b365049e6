import type { AuditEventView, PlatformAuditEventView } from '#contract/audit.ts';
import type { AuditEntry } from '#models/read/audit-log.ts';

export function presentAuditEvent(entry: AuditEntry): AuditEventView {
  return {
    id: entry.id,
    at: entry.at.toISOString(),
    actor: entry.actor,
    action: entry.action,
    object: { type: entry.objectType, id: entry.objectId },
    before: entry.before,
    after: entry.after,
    reason: entry.reason,
  };
}

export function presentPlatformAuditEvent(entry: AuditEntry): PlatformAuditEventView {
  const { id, businessId, name } = entry.tenant;
  return { ...presentAuditEvent(entry), tenant: { id, business_id: businessId, name } };
}
