import { createHash } from 'node:crypto';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { PRICEBOOK_V1 } from '../pricebook/pricebook-v1.ts';
import { chainDocuments } from './chain-documents.ts';
import { lineDocument } from './ledger-document.ts';
import type { LedgerDocument, LedgerHead, LineOwner } from './ledger-document.ts';
import { chargeEntries, grantEntries } from './ledger-entries.ts';
import { ledgerRoot, lineRoot, rowHash } from './ledger-hash.ts';
import { priceTurn, totalOf } from './price-turn.ts';
import { firstChainFault } from './verify-chain.ts';
import type { ChainToVerify, StoredLine } from './verify-chain.ts';

const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');
const TENANT = '0195f3a0-0000-7000-8000-000000000001';
const AT = new Date('2026-03-10T12:00:00.000Z');

it.each([
  // FIPS 180-4, the examples of the Secure Hash Standard.
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  [
    'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  ],
])('the hash the ledger is built on is SHA-256: "%s"', (text, hash) => {
  expect(sha256(text)).toBe(hash);
});

function storedLines(turn: number, output: number): StoredLine[] {
  const owner: LineOwner = {
    tenantId: TENANT,
    docId: `trn_${turn}`,
    turnId: `trn_${turn}`,
    sessionId: 'ses_1',
    channel: 'public',
    source: 'chat',
    personaVersionId: 'pvr_1',
    pricebookVersion: 1,
    at: AT,
  };
  const call = {
    step: 'answer',
    attempt: 1,
    sku: 'model:bob/bob-offline',
    provider: 'bob',
    model: 'bob-offline',
    providerRequestId: null,
    pools: { input: 100, cachedInput: 0, cacheWrite: 0, output },
    reasoningTokens: 0,
    estimated: false,
    waived: null,
  };
  const lines = priceTurn({ calls: [call], textDelivered: true }, PRICEBOOK_V1);
  return lines.map((line) => ({ owner, line, rowHash: rowHash(sha256, lineDocument(owner, line)) }));
}

function settleDocument(turn: number, lines: readonly StoredLine[]): LedgerDocument {
  const charged = totalOf(lines.map((stored) => stored.line));
  return {
    kind: 'settle',
    docId: `trn_${turn}`,
    periodNo: 1,
    reason: null,
    pricebookVersion: 1,
    amountMillicredits: charged,
    lineCount: lines.length,
    lineRoot: lineRoot(
      sha256,
      lines.map((line) => line.rowHash),
    ),
    receiptHash: sha256(`receipt ${turn}`),
    at: AT,
    entries: chargeEntries({ shares: [{ grantId: 'grt_1', millicredits: charged }], writeoffMillicredits: 0n }),
  };
}

/** A grant of 1,000 credits and one settled turn for each number of output tokens. */
function buildChain(outputs: readonly number[]): ChainToVerify {
  const root: LedgerHead = {
    tenantId: TENANT,
    seq: 0,
    hash: ledgerRoot(sha256, TENANT),
    balanceMillicredits: 0n,
    sealedAt: AT,
  };
  const lines = new Map(outputs.map((output, turn) => [`trn_${turn}`, storedLines(turn, output)]));
  const grant: LedgerDocument = {
    kind: 'grant',
    docId: 'grt_1',
    periodNo: 1,
    reason: 'included',
    pricebookVersion: 1,
    amountMillicredits: 1_000_000n,
    lineCount: 0,
    lineRoot: null,
    receiptHash: null,
    at: AT,
    entries: grantEntries('grt_1', 1_000_000n),
  };
  const turns = outputs.map((_, turn) => settleDocument(turn, lines.get(`trn_${turn}`) ?? []));
  // Two passes, as two seals would write them.
  const first = chainDocuments(sha256, root, { documents: [grant], at: AT });
  const second = chainDocuments(sha256, first.head, { documents: turns, at: new Date(AT.getTime() - 1) });
  const transactions = [...first.transactions, ...second.transactions];
  return { head: second.head, transactions, linesOf: (docId) => lines.get(docId) ?? [] };
}

const outputs = fc.array(fc.nat({ max: 500 }), { minLength: 2, maxLength: 5 });

describe('a chained ledger', () => {
  it('verifies as it was written, across passes', () => {
    fc.assert(fc.property(outputs, (turns) => firstChainFault(sha256, buildChain(turns)) === null));
  });

  it('never goes back in time, although a clock did', () => {
    const { transactions } = buildChain([1, 2]);
    expect(transactions.every((transaction) => transaction.sealedAt.getTime() === AT.getTime())).toBe(true);
  });

  it('does not verify without one of its transactions, and names the place', () => {
    fc.assert(
      fc.property(outputs, fc.nat(), (turns, pick) => {
        const chain = buildChain(turns);
        const dropped = pick % chain.transactions.length;
        const transactions = chain.transactions.filter((_, index) => index !== dropped);
        const fault = firstChainFault(sha256, { ...chain, transactions });
        expect(fault?.what).toBe(dropped === turns.length ? 'head' : 'seq');
      }),
    );
  });

  it('does not verify with two transactions swapped', () => {
    const chain = buildChain([10, 300, 20]);
    const [grant, first, second, ...rest] = chain.transactions;
    const swapped = [grant, second, first, ...rest].filter((transaction) => transaction !== undefined);
    expect(firstChainFault(sha256, { ...chain, transactions: swapped })).toEqual({ seq: 3, what: 'seq' });
    const renumbered = swapped.map((transaction, index) => ({ ...transaction, seq: index + 1 }));
    expect(firstChainFault(sha256, { ...chain, transactions: renumbered })?.seq).toBe(2);
  });

  it.each([
    ['hash', { receiptHash: 'another' }],
    ['hash', { reason: 'another' }],
    ['balance', { balanceAfterMillicredits: 1n }],
    ['entries', { entries: [{ account: 'usage', amountMillicredits: 100n }] }],
    ['line_root', { lineCount: 7 }],
    ['line_root', { lineRoot: null }],
  ])('finds a changed %s', (what, change) => {
    const chain = buildChain([300, 300]);
    const balance = chain.transactions[0]?.balanceAfterMillicredits ?? 0n;
    const transactions = chain.transactions.map((transaction, index) => {
      if (index !== 1) return transaction;
      // A forged entry must leave the balance right, or that is what is found first.
      return { ...transaction, ...('entries' in change ? { balanceAfterMillicredits: balance } : {}), ...change };
    });
    expect(firstChainFault(sha256, { ...chain, transactions })).toEqual({ seq: 2, what });
  });

  it('finds a changed line', () => {
    const chain = buildChain([300]);
    const linesOf = (docId: string) =>
      chain.linesOf(docId).map((stored) => ({ ...stored, line: { ...stored.line, model: 'gpt-4.1' } }));
    expect(firstChainFault(sha256, { ...chain, linesOf })).toEqual({ seq: 2, what: 'line_hash' });
  });

  it('finds a head that says something else', () => {
    const chain = buildChain([300]);
    const fault = { seq: 2, what: 'head' };
    expect(firstChainFault(sha256, { ...chain, head: { ...chain.head, hash: 'another' } })).toEqual(fault);
    expect(firstChainFault(sha256, { ...chain, head: { ...chain.head, balanceMillicredits: 0n } })).toEqual(fault);
  });
});
