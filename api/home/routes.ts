import { Router } from '@koa/router';

import { htmlPage } from '../html-page.ts';
import type { RequestState } from '../state.ts';

const HOME = htmlPage({
  title: 'Bob',
  main: `<h1>Bob</h1>
<p>A governed AI front office. This server is running.</p>
<ul>
<li><a href="/api/health">Health of each component</a></li>
<li><a href="/openapi.json">The HTTP interface (OpenAPI 3.1)</a></li>
<li><a href="/problems">What each problem means</a></li>
</ul>`,
});

/** What a person sees who opens the address in a browser. */
export function homeRoutes(): Router<RequestState> {
  const router = new Router<RequestState>();
  router.get('/', async (ctx) => {
    ctx.type = 'html';
    ctx.body = HOME;
  });
  return router;
}
