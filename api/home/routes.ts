import { Router } from '@koa/router';
import type { Knex } from 'knex';

import { readWidgetConfig } from '#models/read/widget-config.ts';

import type { ApiDeps } from '../deps.ts';
import { htmlPage } from '../html-page.ts';
import { limitReads } from '../limits/limit-by-address.ts';
import type { RequestState } from '../state.ts';

/** What a person sees who opens the address in a browser, with the operator's own Bob behind a button. */
export function homeRoutes({ knex, clock }: Pick<ApiDeps, 'knex' | 'clock'>): Router<RequestState> {
  const router = new Router<RequestState>();
  router.get('/', limitReads(), async (ctx) => {
    ctx.type = 'html';
    ctx.body = homePage(await widgetTag(knex, clock.now()));
  });
  return router;
}

/** The page is there without the chat while the database is not: it leads to what says so. */
async function widgetTag(knex: Knex, at: Date): Promise<string> {
  const config = await readWidgetConfig(knex, 'operator', at).catch(() => null);
  return config === null ? '' : `<script src="/widget/${config.tenantId}/widget.js" async></script>`;
}

function homePage(widget: string): string {
  return htmlPage({
    title: 'Bob',
    main: `<h1>Bob</h1>
<p>A governed AI front office. This server is running.</p>
<ul>
<li><a href="/api/health">Health of each component</a></li>
<li><a href="/docs">The HTTP interface</a>, <a href="/openapi.json">as data</a> (OpenAPI 3.1)</li>
<li><a href="/problems">What each problem means</a></li>
</ul>
${widget}`,
  });
}
