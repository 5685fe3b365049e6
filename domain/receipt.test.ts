import { createHash } from 'node:crypto';

import fc from 'fast-check';
import { expect, it } from 'vitest';

import { canonicalJson, type CanonicalValue } from './canonical-json.ts';
import { chainReceipt, firstReceiptHash, receiptOfCall } from './receipt.ts';
import type { ModelCall } from './usage.ts';

const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');
const SESSION = {
  tenantId: '0195f3a0-0000-7000-8000-000000000001',
  sessionId: 'ses_2',
  personaVersionId: 'pvr_3',
  createdAt: new Date('2026-03-10T12:00:00.000Z'),
};

const member = fc
  .string({ minLength: 1, maxLength: 8 })
  .filter((name) => !/^(schema|prev_hash|record_hash)$/.test(name));
const fieldValue = fc.oneof(fc.maxSafeInteger(), fc.string({ unit: 'grapheme' }), fc.boolean(), fc.constant(null));
const fields = fc.dictionary(member, fieldValue, { noNullPrototype: true });

/** What anyone with the record can do: take the hash out and compute it again. */
function recomputed(record: string): { told: unknown; computed: string; prevHash: unknown } {
  const { record_hash: told, ...unsigned } = JSON.parse(record) as Record<string, CanonicalValue>;
  return { told, computed: sha256(`bob.receipt.v1\n${canonicalJson(unsigned)}`), prevHash: unsigned['prev_hash'] };
}

it('anyone can recompute a receipt’s hash from the record alone', () => {
  fc.assert(
    fc.property(fields, (values) => {
      const prevHash = firstReceiptHash(SESSION, sha256);
      const { record, recordHash } = chainReceipt(values, { prevHash, sha256 });
      expect(recomputed(record)).toEqual({ told: recordHash, computed: recordHash, prevHash });
    }),
  );
});

it('a changed character anywhere in a record breaks its hash', () => {
  fc.assert(
    fc.property(fields, fc.nat(), (values, place) => {
      const { record } = chainReceipt(values, { prevHash: firstReceiptHash(SESSION, sha256), sha256 });
      const at = place % record.length;
      const forged = `${record.slice(0, at)}${record[at] === '1' ? '2' : '1'}${record.slice(at + 1)}`;
      expect(isSound(forged)).toBe(false);
    }),
  );
});

function isSound(record: string): boolean {
  try {
    const { told, computed } = recomputed(record);
    return told === computed && canonicalJson(JSON.parse(record) as CanonicalValue) === record;
  } catch {
    return false;
  }
}

it('each receipt names its predecessor, so none can be left out, moved or put in between', () => {
  let prevHash = firstReceiptHash(SESSION, sha256);
  const chain = [1, 2, 3].map((number) => {
    const receipt = chainReceipt({ number }, { prevHash, sha256 });
    expect(receipt.prevHash).toBe(prevHash);
    prevHash = receipt.recordHash;
    return receipt;
  });
  expect(recomputed(chain[2]?.record ?? '').prevHash).toBe(chain[1]?.recordHash);
  const elsewhere = chainReceipt({ number: 2 }, { prevHash: firstReceiptHash(SESSION, sha256), sha256 });
  expect(elsewhere.recordHash).not.toBe(chain[1]?.recordHash);
});

it('a field cannot pose as a link of the chain', () => {
  const prevHash = firstReceiptHash(SESSION, sha256);
  const posing = chainReceipt({ prev_hash: 'mine', record_hash: 'mine too' }, { prevHash, sha256 });
  expect(JSON.parse(posing.record)).toMatchObject({ prev_hash: prevHash, record_hash: posing.recordHash });
});

it('a chain begins with its session: another tenant, session, version or moment begins another one', () => {
  const first = firstReceiptHash(SESSION, sha256);
  const others = [
    { tenantId: '0195f3a0-0000-7000-8000-000000000009' },
    { sessionId: 'ses_9' },
    { personaVersionId: 'pvr_9' },
    { createdAt: new Date('2026-03-10T12:00:00.001Z') },
  ].map((change) => firstReceiptHash({ ...SESSION, ...change }, sha256));
  expect(new Set([first, ...others]).size).toBe(5);
  expect(firstReceiptHash({ ...SESSION }, sha256)).toBe(first);
});

const CALL: ModelCall = {
  step: 'answer',
  attempt: 1,
  sku: 'model:openai/gpt-5-mini',
  provider: 'openai',
  model: 'gpt-5-mini',
  providerRequestId: 'chatcmpl-1',
  pools: { input: 700, cachedInput: 800, cacheWrite: 5, output: 300 },
  reasoningTokens: 64,
  estimated: false,
  waived: null,
};

it('a receipt counts cached tokens as input, as OpenTelemetry does, and names them apart', () => {
  expect(receiptOfCall(CALL)).toMatchObject({
    'gen_ai.usage.input_tokens': 1505,
    'gen_ai.usage.cache_read.input_tokens': 800,
    'gen_ai.usage.output_tokens': 300,
    'gen_ai.usage.reasoning.output_tokens': 64,
    billed: true,
  });
});

it('a waived call is on the receipt as not billed', () => {
  expect(receiptOfCall({ ...CALL, waived: 'provider_error' })).toMatchObject({ billed: false });
});

it('a call that was streamed says how many characters were shown while it ran', () => {
  expect(receiptOfCall({ ...CALL, releasedCharacters: 7 })).toMatchObject({ released_chars: 7 });
  expect(receiptOfCall(CALL)).not.toHaveProperty('released_chars');
});
