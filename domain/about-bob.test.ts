import { describe, expect, it } from 'vitest';

import { ABOUT_BOB } from './about-bob.ts';
import { PRICEBOOK_V1 } from './pricebook/pricebook-v1.ts';

function bodyOf(heading: string): string {
  return ABOUT_BOB.find((section) => section.heading === heading)?.body ?? '';
}

function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

describe.each(PRICEBOOK_V1.plans)('what Bob says of the $name plan is what the pricebook charges', (plan) => {
  const body = bodyOf(`${plan.name} plan`);

  it.each([
    ['price', `The ${plan.name} plan costs ${plan.price_cents / 100} USD per ${plan.interval}`],
    [
      'credits',
      `includes ${grouped(plan.included_mc / PRICEBOOK_V1.unit.millicredits)} AI credits per ${plan.interval}`,
    ],
    ['seats', plan.seats === null ? 'unlimited team seats' : `up to ${plan.seats} team seats`],
    ['integrations', `${plan.integrations} standard integration${plan.integrations === 1 ? '.' : 's.'}`],
  ])('%s', (_figure, words) => {
    expect(body).toContain(words);
  });

  it('support', () => {
    expect(body).toMatch(new RegExp(`Support for the ${plan.name} plan .*\\b${plan.support}\\.$`));
  });

  it('no figure besides', () => {
    const figures = [plan.price_cents / 100, plan.included_mc / 1000, plan.seats, plan.integrations];
    const known = new Set(figures.filter((figure) => figure !== null).map(grouped));
    for (const [figure] of body.matchAll(/\d[\d,]*/g)) expect(known).toContain(figure);
  });
});

it('the worth of a credit is the pricebook’s', () => {
  expect(PRICEBOOK_V1.unit.meaning).toBe('0.001 USD of provider list price');
  expect(bodyOf('AI credits')).toContain('One AI credit stands for 0.001 USD of the list price of the model provider');
});

it('every section can be found and cited on its own', () => {
  const headings = ABOUT_BOB.map(({ heading }) => heading);
  expect(new Set(headings).size).toBe(headings.length);
  for (const { body } of ABOUT_BOB) expect(body).toMatch(/\S\.$/);
});
