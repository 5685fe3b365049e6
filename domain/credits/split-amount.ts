export type GrantId = `grt_${string}`;

export interface GrantFree {
  grantId: GrantId;
  freeMillicredits: bigint;
}

export interface GrantShare {
  grantId: GrantId;
  millicredits: bigint;
}

export interface AmountSplit {
  shares: readonly GrantShare[];
  /** What no grant covers. */
  restMillicredits: bigint;
}

/** The waterfall: each grant gives what it has, in the given order, until the amount is covered. */
export function splitAmount(amount: bigint, grants: readonly GrantFree[]): AmountSplit {
  let rest = amount;
  const shares: GrantShare[] = [];
  for (const grant of grants) {
    const take = rest < grant.freeMillicredits ? rest : grant.freeMillicredits;
    if (take <= 0n) continue;
    shares.push({ grantId: grant.grantId, millicredits: take });
    rest -= take;
  }
  return { shares, restMillicredits: rest };
}
