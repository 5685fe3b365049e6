import { BalanceView, UsageLineList } from '#contract/usage.ts';

import type { DemoClient } from './demo-client.ts';
import type { DemoScreen } from './demo-screen.ts';
import type { PlayedTurn } from './play-conversation.ts';

/** What the conversation cost, each line with the formula that made it, and what is left. */
export async function showBill(client: DemoClient, screen: DemoScreen, turns: readonly PlayedTurn[]): Promise<void> {
  screen.heading('The lines of the bill', 'GET /api/usage/lines?turn_id=…');
  for (const { turnId } of turns) {
    const lines = await screen.waitFor(`the seal of ${turnId}`, () => sealedLines(client, turnId));
    if (lines.length === 0) screen.fact('', `${turnId}: no call, no line`);
    for (const line of lines) {
      const waived = line.waived === null ? '' : `  (waived: ${line.waived})`;
      screen.fact(line.credits, `${line.sku}, pricebook ${line.pricebook_version}, ledger ${line.ledger_seq}${waived}`);
      if (line.formula !== '') screen.fact('', `= ${line.formula}`);
    }
  }
  screen.heading('The balance', 'GET /api/usage/balance');
  const balance = await client.read(BalanceView, '/api/usage/balance');
  screen.fact('available', `${balance.available} credits`);
  for (const { kind, amount, spent, held, expires_at: expiresAt } of balance.grants) {
    const until = expiresAt === null ? 'for ever' : `until ${expiresAt}`;
    screen.fact(kind, `${amount} granted, ${spent} spent, ${held} held, ${until}`);
  }
}

async function sealedLines(client: DemoClient, turnId: string): Promise<UsageLineList['data'] | null> {
  const { data } = await client.read(UsageLineList, `/api/usage/lines?turn_id=${turnId}`);
  return data.some((line) => line.ledger_seq === null) ? null : data;
}
