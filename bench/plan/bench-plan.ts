export interface BenchPlan {
  model: string;
  kind: 'rounds' | 'history' | 'idle' | 'crash' | 'profile';
  concurrencies: readonly number[];
}

const PLANS: Readonly<Record<string, BenchPlan>> = {
  steady: { kind: 'rounds', model: 'stub-0-0-8', concurrencies: [1, 16, 64] },
  slow: { kind: 'rounds', model: 'stub-20-5-40', concurrencies: [1, 64] },
  history: { kind: 'history', model: 'stub-0-0-8', concurrencies: [1] },
  idle: { kind: 'idle', model: 'stub-0-0-8', concurrencies: [1] },
  crash: { kind: 'crash', model: 'stub-20-5-40', concurrencies: [32] },
  profile: { kind: 'profile', model: 'stub-0-0-8', concurrencies: [1, 64] },
};

export function benchPlan(name: string): BenchPlan {
  const plan = PLANS[name];
  if (plan === undefined) throw new Error(`There is no plan "${name}"; there are: ${Object.keys(PLANS).join(', ')}.`);
  return plan;
}
