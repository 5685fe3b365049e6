/** What Temporal keeps its state in. */
export type ServerKind = 'sqlite' | 'postgres';

export interface BenchPlan {
  model: string;
  kind: 'rounds' | 'history' | 'idle' | 'crash' | 'profile';
  concurrencies: readonly number[];
  /** What is measured side by side; without it the product alone. */
  targets?: readonly string[];
  /** Length of one round or window. */
  seconds?: number;
}

const PLANS: Readonly<Record<string, BenchPlan>> = {
  steady: {
    kind: 'rounds',
    model: 'stub-0-0-8',
    concurrencies: [1, 16, 64],
    targets: ['stub', 'naive', 'floor', 'product'],
  },
  slow: {
    kind: 'rounds',
    model: 'stub-20-5-40',
    concurrencies: [1, 64],
    targets: ['stub', 'naive', 'product'],
  },
  history: { kind: 'history', model: 'stub-0-0-8', concurrencies: [1] },
  idle: { kind: 'idle', model: 'stub-0-0-8', concurrencies: [1] },
  crash: { kind: 'crash', model: 'stub-20-5-40', concurrencies: [32] },
  profile: { kind: 'profile', model: 'stub-0-0-8', concurrencies: [1, 64], seconds: 10 },
};

export function benchPlan(name: string): BenchPlan {
  const plan = PLANS[name];
  if (plan === undefined) throw new Error(`There is no plan "${name}"; there are: ${Object.keys(PLANS).join(', ')}.`);
  return plan;
}
