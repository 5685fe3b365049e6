import type { PricebookDocument, PricebookPlan, PricebookRate } from './pricebook-document.ts';

export interface PricebookFault {
  path: string;
  fault: string;
}

const MODEL_POOLS = ['input', 'cached_input', 'cache_write', 'output'];
const TOOL_POOLS = ['call'];

/** Every fault of a document before it may be published: complete units, whole plans, integers only. */
export function validatePricebook(book: PricebookDocument): PricebookFault[] {
  return [
    ...faultsOfHead(book),
    ...book.plans.flatMap((plan, index) => faultsOfPlan(plan, `/plans/${index}`)),
    ...book.rates.flatMap((rate, index) => faultsOfRate(rate, `/rates/${index}`)),
    ...repeated(book.plans.map((plan) => plan.key)).map((key) => ({
      path: '/plans',
      fault: `plan ${key} is there twice`,
    })),
    ...repeated(book.rates.map((rate) => rate.sku)).map((sku) => ({
      path: '/rates',
      fault: `sku ${sku} is there twice`,
    })),
  ];
}

function faultsOfHead(book: PricebookDocument): PricebookFault[] {
  const faults: PricebookFault[] = [];
  if (!isCount(book.version) || book.version === 0) faults.push({ path: '/version', fault: 'not a positive integer' });
  if ((book.version === 1) !== (book.prev_sha256 === null)) {
    faults.push({ path: '/prev_sha256', fault: 'only the first version has no predecessor' });
  }
  if (!isTime(book.effective_at)) faults.push({ path: '/effective_at', fault: 'not a UTC time with milliseconds' });
  if (!isCount(book.rules.minimum_turn_mc))
    faults.push({ path: '/rules/minimum_turn_mc', fault: 'not a whole amount' });
  if (book.plans.length === 0) faults.push({ path: '/plans', fault: 'no plan' });
  if (book.rates.length === 0) faults.push({ path: '/rates', fault: 'no rate' });
  return faults;
}

function faultsOfPlan(plan: PricebookPlan, path: string): PricebookFault[] {
  const counts = { price_cents: plan.price_cents, included_mc: plan.included_mc };
  const limits = {
    seats: plan.seats,
    integrations: plan.integrations,
    overage_cents_per_1k: plan.overage_cents_per_1k,
    topup_cents_per_1k: plan.topup_cents_per_1k,
  };
  const wrong = [
    ...Object.entries(counts).filter(([, value]) => !isCount(value)),
    ...Object.entries(limits).filter(([, value]) => value !== null && !isCount(value)),
  ];
  return wrong.map(([field]) => ({ path: `${path}/${field}`, fault: 'not a whole number of 0 or more' }));
}

function faultsOfRate(rate: PricebookRate, path: string): PricebookFault[] {
  const expected = poolsOf(rate.sku);
  if (expected === null) return [{ path: `${path}/sku`, fault: 'starts with neither model: nor tool:' }];
  const missing = expected.filter((pool) => rate.ucr_per_1k[pool] === undefined);
  const unknown = Object.keys(rate.ucr_per_1k).filter((pool) => !expected.includes(pool));
  const broken = Object.entries(rate.ucr_per_1k).filter(([, ucr]) => !isCount(ucr));
  return [
    ...missing.map((pool) => ({ path: `${path}/ucr_per_1k/${pool}`, fault: 'missing' })),
    ...unknown.map((pool) => ({ path: `${path}/ucr_per_1k/${pool}`, fault: 'unknown pool' })),
    ...broken.map(([pool]) => ({ path: `${path}/ucr_per_1k/${pool}`, fault: 'not a whole number of 0 or more' })),
  ];
}

function poolsOf(sku: string): string[] | null {
  if (sku.startsWith('model:')) return MODEL_POOLS;
  return sku.startsWith('tool:') ? TOOL_POOLS : null;
}

function repeated(names: readonly string[]): string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isTime(text: string): boolean {
  const time = new Date(text);
  return !Number.isNaN(time.getTime()) && time.toISOString() === text;
}
