/** Everything that a person, a key or the product itself does and that somebody may later ask about. */
export const AUDIT_ACTIONS = [
  'api_key.created',
  'api_key.revoked',
  'invite.created',
  'invite.revoked',
  'persona.archived',
  'persona.created',
  'persona.default_set',
  'persona.draft_saved',
  'persona.published',
  'persona.restored',
  'session.assigned',
  'session.closed',
  'session.handed_back',
  'session.taken_over',
  'tenant.changed',
  'tenant.created',
  'tenant.plan_changed',
  'tenant.status_changed',
  'user.changed',
  'user.joined',
  'user.password_changed',
  'user.removed',
  'webhook_endpoint.changed',
  'webhook_endpoint.created',
  'webhook_endpoint.removed',
  'widget_key.created',
  'widget_key.revoked',
  'widget_key.rotated',
  'widget_origins.changed',
  'widget_settings.changed',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** What the action was done to; the first half of the action's name, but for what a tenant has one of. */
export const AUDIT_OBJECTS = [
  'api_key',
  'invite',
  'persona',
  'session',
  'tenant',
  'user',
  'webhook_endpoint',
  'widget_key',
] as const;
export type AuditObject = (typeof AUDIT_OBJECTS)[number];
