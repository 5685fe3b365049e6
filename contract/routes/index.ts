import { ADMIN_ROUTES } from './admin.ts';
import { ANALYTICS_ROUTES } from './analytics.ts';
import { AUDIT_ROUTES } from './audit.ts';
import { AUTH_ROUTES } from './auth.ts';
import { CHAT_ROUTES } from './chat.ts';
import { HEALTH_ROUTES } from './health.ts';
import { KEY_ROUTES } from './keys.ts';
import { PAGE_ROUTES } from './pages.ts';
import { PERSONA_ROUTES } from './personas.ts';
import { PRICEBOOK_ROUTES } from './pricebook.ts';
import { RECEIPT_ROUTES } from './receipts.ts';
import type { RouteDocument } from './route-document.ts';
import { SESSION_ROUTES } from './sessions.ts';
import { TENANT_ROUTES } from './tenant.ts';
import { TEAM_ROUTES } from './team.ts';
import { USAGE_ROUTES } from './usage.ts';
import { WEBHOOK_ROUTES } from './webhooks.ts';
import { WIDGET_ROUTES } from './widget.ts';

/** Every route the document describes. */
export const ROUTES: readonly RouteDocument[] = [
  ...CHAT_ROUTES,
  ...SESSION_ROUTES,
  ...USAGE_ROUTES,
  ...RECEIPT_ROUTES,
  ...PERSONA_ROUTES,
  ...PRICEBOOK_ROUTES,
  ...WEBHOOK_ROUTES,
  ...WIDGET_ROUTES,
  ...AUTH_ROUTES,
  ...TEAM_ROUTES,
  ...KEY_ROUTES,
  ...TENANT_ROUTES,
  ...AUDIT_ROUTES,
  ...ADMIN_ROUTES,
  ...ANALYTICS_ROUTES,
  ...HEALTH_ROUTES,
  ...PAGE_ROUTES,
];
