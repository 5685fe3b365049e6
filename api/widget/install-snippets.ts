import type { WidgetInstall } from '#contract/widget.ts';
import type { TenantId } from '#domain/ids.ts';

import { escapeHtml } from '../html-page.ts';

export interface Installation {
  /** Scheme, host and port under which browsers know us. */
  host: string;
  tenantId: TenantId;
  key: string | null;
  origins: readonly string[];
  missingOrigins: readonly string[];
}

/** What to paste into a page. Id and key mean nothing in HTML by themselves; a host is what the caller asked for. */
export function presentInstall({ tenantId, key, origins, missingOrigins, ...given }: Installation): WidgetInstall {
  const host = escapeHtml(given.host);
  const named = `data-widget-key="${key}" data-position="bottom-right"`;
  return {
    snippets: {
      canonical: `<script src="${host}/widget/${tenantId}/widget.js" async></script>`,
      legacy: key === null ? null : `<script src="${host}/widget/loader.js" ${named} async></script>`,
    },
    csp: [`script-src ${host}`, `connect-src ${host}`],
    origins: [...origins],
    missing_origins: [...missingOrigins],
  };
}
