export interface BenchPlan {
  model: string;
  concurrencies: readonly number[];
}

const PLANS: Readonly<Record<string, BenchPlan>> = {
  steady: { model: 'stub-0-0-8', concurrencies: [1, 16, 64] },
  slow: { model: 'stub-20-5-40', concurrencies: [1, 64] },
};

export function benchPlan(name: string): BenchPlan {
  const plan = PLANS[name];
  if (plan === undefined) throw new Error(`There is no plan "${name}"; there are: ${Object.keys(PLANS).join(', ')}.`);
  return plan;
}
