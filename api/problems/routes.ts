import { Router } from '@koa/router';

import { Problem, PROBLEMS, type ProblemSlug } from '#contract/problems.ts';

import { escapeHtml, htmlPage } from '../html-page.ts';
import { limitReads } from '../limits/limit-by-address.ts';
import type { RequestState } from '../state.ts';
import { PROBLEM_PAGES } from './pages.ts';

/** The `type` of every problem leads to a page that explains it. */
export function problemRoutes(): Router<RequestState> {
  const router = new Router<RequestState>();
  router.get('/problems', limitReads(), async (ctx) => {
    const items = Object.entries(PROBLEMS).map(
      ([slug, { status, title }]) =>
        `<li><a href="/problems/${slug}">${slug}</a> (${status}): ${escapeHtml(title)}</li>`,
    );
    ctx.type = 'html';
    ctx.body = htmlPage({ title: 'Problems', main: `<h1>Problems</h1>\n<ul>\n${items.join('\n')}\n</ul>` });
  });
  router.get('/problems/:slug', limitReads(), async (ctx) => {
    const slug = ctx.params['slug'] ?? '';
    if (!isProblemSlug(slug)) throw new Problem('not-found', { detail: 'There is no problem of this name.' });
    ctx.type = 'html';
    ctx.body = pageOf(slug);
  });
  return router;
}

function isProblemSlug(text: string): text is ProblemSlug {
  return Object.hasOwn(PROBLEMS, text);
}

function pageOf(slug: ProblemSlug): string {
  const { status, title } = PROBLEMS[slug];
  const { meaning, remedy } = PROBLEM_PAGES[slug];
  const main = [
    `<h1>${escapeHtml(title)}</h1>`,
    `<p><code>${slug}</code>, HTTP status ${status}</p>`,
    `<h2>When it happens</h2>`,
    `<p>${escapeHtml(meaning)}</p>`,
    `<h2>What to do</h2>`,
    `<p>${escapeHtml(remedy)}</p>`,
    `<p><a href="/problems">All problems</a></p>`,
  ];
  return htmlPage({ title: `${title} (${slug})`, main: main.join('\n') });
}
