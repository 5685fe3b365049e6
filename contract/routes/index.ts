import { AUTH_ROUTES } from './auth.ts';
import { CHAT_ROUTES } from './chat.ts';
import { HEALTH_ROUTES } from './health.ts';
import { PAGE_ROUTES } from './pages.ts';
import { PRICEBOOK_ROUTES } from './pricebook.ts';
import { RECEIPT_ROUTES } from './receipts.ts';
import type { RouteDocument } from './route-document.ts';
import { SESSION_ROUTES } from './sessions.ts';
import { USAGE_ROUTES } from './usage.ts';
import { WEBHOOK_ROUTES } from './webhooks.ts';

/** Every route the document describes. */
export const ROUTES: readonly RouteDocument[] = [
  ...CHAT_ROUTES,
  ...SESSION_ROUTES,
  ...USAGE_ROUTES,
  ...RECEIPT_ROUTES,
  ...PRICEBOOK_ROUTES,
  ...WEBHOOK_ROUTES,
  ...AUTH_ROUTES,
  ...HEALTH_ROUTES,
  ...PAGE_ROUTES,
];
