import { exactNumber } from '#domain/credits/decimal-credits.ts';
import { lineDocument, type LineOwner } from '#domain/credits/ledger-document.ts';
import { lineRoot, rowHash } from '#domain/credits/ledger-hash.ts';
import { totalOf } from '#domain/credits/price-turn.ts';
import { toUuid } from '#domain/ids.ts';
import type { Charge, ChargeLine, ClosingTurn } from '#domain/usage.ts';
import { sha256Hex } from '#platform/digest.ts';

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

/** What the statement that ends a hold, in a CTE `ended_hold`, returns of it for the two below. */
export const ENDED_HOLD = `h.grant_id, h.split, h.period_no, h.pricebook_version, h.reserved_mc,
      case when h.lapsed_at is null then h.reserved_mc else 0 end as unhold_mc`;

/** The CTEs behind `ended_hold`: the lines of the turn, and its row for the seal. */
export const LINES_AND_INBOX = `line as (
    insert into usage_line (tenant_id, doc_id, pos, turn_id, session_id, step, channel, source, persona_version_id,
      kind, waived, sku, provider, model, provider_request_id, pools, reasoning, estimated, pricebook_version, rates,
      raw_ucr, amount_mc, at, row_hash)
    select :tenantId, :docId, l.pos, :turnId, :sessionId, l.step, :channel, :source, :personaVersionId, l.kind,
      l.waived, l.sku, l.provider, l.model, l.provider_request_id, l.pools, l.reasoning, l.estimated,
      ended_hold.pricebook_version, l.rates, l.raw_ucr, l.amount_mc, :at, l.row_hash
    from ended_hold, jsonb_to_recordset(cast(:lines as jsonb)) as l (pos integer, step text, kind text, waived text,
      sku text, provider text, model text, provider_request_id text, pools jsonb, reasoning bigint, estimated boolean,
      rates jsonb, raw_ucr bigint, amount_mc bigint, row_hash text)
  ), queued as (
    insert into ledger_inbox (tenant_id, turn_id, kind, grant_id, split, unhold_mc, amount_mc, n_lines, line_root,
      period_no, pricebook_version, reason, at)
    select :tenantId, :turnId, :entryKind, ended_hold.grant_id, ended_hold.split, ended_hold.unhold_mc,
      :chargedMillicredits, :lineCount, :lineRoot, ended_hold.period_no, ended_hold.pricebook_version, :holdReason, :at
    from ended_hold
  )`;

/**
 * For a statement that ends the whole turn: settles a hold nobody has touched since it was placed, if the CTE `behind`
 * gave a row, and gives one then. Beside `bindingsOfEnd` it takes `:heldMillicredits`.
 */
export const settleUntouchedHold = (behind: string): string => `ended_hold as (
    update credit_hold as h set state = :holdState, settled_mc = :chargedMillicredits, reason = :holdReason,
      closed_at = :at
    from ${behind}
    where h.tenant_id = :tenantId and h.turn_id = :turnId and h.state = 'held'
      and h.pricebook_version = :pricebookVersion and h.reserved_mc = :heldMillicredits
    returning ${ENDED_HOLD}
  ), ${LINES_AND_INBOX}`;

/** For every statement that ends a hold and holds the CTEs above. */
export function bindingsOfEnd(turn: ClosingTurn, { state, reason, priced }: TurnEnd) {
  const lines = priced === null ? [] : hashLines(turn, priced);
  return {
    tenantId: turn.tenantId,
    turnId: toUuid(turn.turnId),
    docId: turn.turnId,
    sessionId: toUuid(turn.sessionId),
    personaVersionId: toUuid(turn.personaVersionId),
    channel: turn.channel,
    source: turn.source,
    requestHash: turn.requestHash,
    at: turn.at,
    holdState: state,
    entryKind: state === 'settled' ? 'settle' : 'release',
    holdReason: reason,
    pricebookVersion: priced?.pricebookVersion ?? turn.pricebookVersion,
    chargedMillicredits: String(totalOf(priced?.lines ?? [])),
    lineCount: lines.length,
    lineRoot: lineRoot(
      sha256Hex,
      lines.map((line) => line.row_hash),
    ),
    lines: JSON.stringify(lines),
  };
}

export function chargeOf({ priced }: TurnEnd, hold: Pick<Charge, 'heldMillicredits' | 'pricebookVersion'>): Charge {
  const lines = priced?.lines ?? [];
  return { chargedMillicredits: totalOf(lines), ...hold, lines };
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
