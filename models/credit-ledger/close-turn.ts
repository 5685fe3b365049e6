import type { Knex } from 'knex';

import { exactNumber } from '#domain/credits/decimal-credits.ts';
import { lineDocument } from '#domain/credits/ledger-document.ts';
import type { LineOwner } from '#domain/credits/ledger-document.ts';
import { lineRoot, rowHash } from '#domain/credits/ledger-hash.ts';
import { totalOf } from '#domain/credits/price-turn.ts';
import { toUuid } from '#domain/ids.ts';
import type { Charge, ChargeLine, ClosingTurn } from '#domain/usage.ts';
import { sha256Hex } from '#platform/digest.ts';

import { TurnAlreadyEnded } from './turn-errors.ts';

export interface TurnEnd {
  state: 'settled' | 'released';
  reason: string | null;
  /** Null for a turn without a call: no line, nothing charged. */
  priced: PricedTurn | null;
}

export interface PricedTurn {
  lines: readonly ChargeLine[];
  pricebookVersion: number;
}

interface ClosedRow {
  reserved_mc: string;
  pricebook_version: number;
}

/**
 * One statement in the turn's transaction: whoever flips the hold from `held` wins, and its lines and its row for the
 * seal commit with the reply. It writes a hold of 0 for a turn that ended before it held anything.
 */
export async function closeTurn(trx: Knex, turn: ClosingTurn, end: TurnEnd): Promise<Charge> {
  const { lines, pricebookVersion } = end.priced ?? { lines: [], pricebookVersion: turn.pricebookVersion };
  const chargedMillicredits = totalOf(lines);
  const hashed = end.priced === null ? [] : hashLines(turn, end.priced);
  const { rows } = await trx.raw<{ rows: ClosedRow[] }>(CLOSE, {
    tenant: turn.tenantId,
    turn: toUuid(turn.turnId),
    doc: turn.turnId,
    session: toUuid(turn.sessionId),
    persona: toUuid(turn.personaVersionId),
    channel: turn.channel,
    source: turn.source,
    hash: turn.requestHash,
    at: turn.at,
    state: end.state,
    kind: end.state === 'settled' ? 'settle' : 'release',
    reason: end.reason,
    version: pricebookVersion,
    charged: String(chargedMillicredits),
    count: hashed.length,
    root: lineRoot(
      sha256Hex,
      hashed.map((line) => line.row_hash),
    ),
    lines: JSON.stringify(hashed),
  });
  const [closed] = rows;
  if (closed === undefined)
    throw new TurnAlreadyEnded(`${turn.turnId} has ended already, or its hold has another version`);
  return {
    chargedMillicredits,
    heldMillicredits: BigInt(closed.reserved_mc),
    pricebookVersion: closed.pricebook_version,
    lines,
  };
}

function hashLines(turn: ClosingTurn, { lines, pricebookVersion }: PricedTurn) {
  return lines.map((line) => hashLine(turn, line, pricebookVersion));
}

function hashLine(turn: ClosingTurn, line: ChargeLine, pricebookVersion: number) {
  const owner: LineOwner = { ...turn, docId: turn.turnId, pricebookVersion };
  return {
    pos: line.pos,
    step: line.step,
    kind: line.kind,
    waived: line.waived,
    sku: line.sku,
    provider: line.provider,
    model: line.model,
    provider_request_id: line.providerRequestId,
    pools: line.pools,
    reasoning: line.reasoningTokens,
    estimated: line.estimated,
    rates: line.rates,
    raw_ucr: exactNumber(line.rawUcr),
    amount_mc: exactNumber(line.amountMillicredits),
    row_hash: rowHash(sha256Hex, lineDocument(owner, line)),
  };
}

const CLOSE = `
  with per as (
    select p.no, p.pricebook_version from billing_period p
    where p.tenant_id = :tenant and (p.starts_at <= :at or p.no = 1) order by p.no desc limit 1
  ), closed as (
    insert into credit_hold as h (tenant_id, turn_id, reserved_mc, settled_mc, pricebook_version, state, reason,
      period_no, request_hash, expires_at, closed_at)
    select :tenant, :turn, 0, :charged, coalesce(:version, per.pricebook_version), :state, :reason, per.no, :hash, :at,
      :at
    from per
    on conflict (tenant_id, turn_id) do update
      set state = excluded.state, settled_mc = excluded.settled_mc, reason = excluded.reason,
        closed_at = excluded.closed_at
      where h.state = 'held' and (:count = 0 or h.pricebook_version = excluded.pricebook_version)
    returning h.grant_id, h.split, h.period_no, h.pricebook_version, h.reserved_mc,
      case when h.lapsed_at is null then h.reserved_mc else 0 end as unhold_mc
  ), line as (
    insert into usage_line (tenant_id, doc_id, pos, turn_id, session_id, step, channel, source, persona_version_id,
      kind, waived, sku, provider, model, provider_request_id, pools, reasoning, estimated, pricebook_version, rates,
      raw_ucr, amount_mc, at, row_hash)
    select :tenant, :doc, l.pos, :turn, :session, l.step, :channel, :source, :persona, l.kind, l.waived, l.sku,
      l.provider, l.model, l.provider_request_id, l.pools, l.reasoning, l.estimated, closed.pricebook_version, l.rates,
      l.raw_ucr, l.amount_mc, :at, l.row_hash
    from closed, jsonb_to_recordset(cast(:lines as jsonb)) as l (pos integer, step text, kind text, waived text,
      sku text, provider text, model text, provider_request_id text, pools jsonb, reasoning bigint, estimated boolean,
      rates jsonb, raw_ucr bigint, amount_mc bigint, row_hash text)
  ), queued as (
    insert into ledger_inbox (tenant_id, turn_id, kind, grant_id, split, unhold_mc, amount_mc, n_lines, line_root,
      period_no, pricebook_version, reason, at)
    select :tenant, :turn, :kind, closed.grant_id, closed.split, closed.unhold_mc, :charged, :count, :root,
      closed.period_no, closed.pricebook_version, :reason, :at
    from closed
  )
  select closed.reserved_mc, closed.pricebook_version from closed`;
