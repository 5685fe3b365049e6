import { ReceiptView } from '#contract/receipts.ts';

import { taggedHash } from '../invariants/canonical-text.ts';
import type { DemoClient } from './demo-client.ts';
import type { DemoScreen } from './demo-screen.ts';

const MILLI = 1000;

/** The turn's record, and its hash computed once more here: nothing has to be believed. */
export async function showReceipt(client: DemoClient, screen: DemoScreen, turnId: string): Promise<void> {
  screen.heading('The receipt of the first answer', `GET /api/receipts/${turnId}`);
  const { text } = await client.call(`/api/receipts/${turnId}`);
  const stored: unknown = JSON.parse(text);
  const receipt = ReceiptView.parse(stored);
  const { record_hash: recordHash, ...unsigned } = receipt;
  const recomputed = taggedHash(receipt.schema, unsigned);

  screen.fact('outcome', `${receipt.outcome}, on the path "${receipt.channel}", at ${receipt.at}`);
  screen.fact(
    'persona',
    `${receipt['gen_ai.agent.id']}, version ${receipt['gen_ai.agent.version']}, content ${short(receipt.content_hash)}`,
  );
  for (const call of receipt.llm) {
    const tokens = `${call['gen_ai.usage.input_tokens']} tokens in, ${call['gen_ai.usage.output_tokens']} out`;
    screen.fact('model', `${call['gen_ai.provider.name']}/${call['gen_ai.request.model']}, ${tokens}`);
  }
  const used = receipt.retrieval.filter((passage) => passage.used);
  screen.fact('sources', `${receipt.retrieval.length} passages in the prompt, ${used.length} used:`);
  for (const { source, revision, chunk } of used) screen.fact('', `${source}, revision ${revision}, passage ${chunk}`);
  const { held_mc: held, settled_mc: settled, released_mc: released } = receipt.credits;
  screen.fact('credits', `${credits(held)} held, ${credits(settled)} charged, ${credits(released)} given back`);
  screen.fact('chain', `record ${short(recordHash)} after ${short(receipt.prev_hash)}`);
  screen.fact('check', recomputed === recordHash ? 'computed here once more: the same hash' : 'THE HASH DIFFERS');
}

function short(hash: string): string {
  return `${hash.slice(0, 12)}…`;
}

function credits(millicredits: number): string {
  return (millicredits / MILLI).toFixed(3);
}
