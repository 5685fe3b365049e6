import type { Knex } from 'knex';

import type { Charge, ClosingTurn } from '#domain/usage.ts';

import { bindingsOfEnd, chargeOf, ENDED_HOLD, LINES_AND_INBOX, type TurnEnd } from './hold-end-sql.ts';
import { TurnAlreadyEnded } from './turn-errors.ts';

interface ClosedRow {
  reserved_mc: string;
  pricebook_version: number;
}

/**
 * One statement in the turn's transaction: whoever flips the hold from `held` wins, and its lines and its row for the
 * seal commit with the reply. It writes a hold of 0 for a turn that ended before it held anything.
 */
export async function closeHold(trx: Knex, turn: ClosingTurn, end: TurnEnd): Promise<Charge> {
  const { rows } = await trx.raw<{ rows: ClosedRow[] }>(CLOSE, bindingsOfEnd(turn, end));
  const [closed] = rows;
  if (closed === undefined)
    throw new TurnAlreadyEnded(`${turn.turnId} has ended already, or its hold has another version`);
  return chargeOf(end, { heldMillicredits: BigInt(closed.reserved_mc), pricebookVersion: closed.pricebook_version });
}

const CLOSE = `
  with per as (
    select p.no, p.pricebook_version from billing_period p
    where p.tenant_id = :tenantId and (p.starts_at <= :at or p.no = 1) order by p.no desc limit 1
  ), ended_hold as (
    insert into credit_hold as h (tenant_id, turn_id, reserved_mc, settled_mc, pricebook_version, state, reason,
      period_no, request_hash, expires_at, closed_at)
    select :tenantId, :turnId, 0, :chargedMillicredits, coalesce(:pricebookVersion, per.pricebook_version), :holdState,
      :holdReason, per.no, :requestHash, :at, :at
    from per
    on conflict (tenant_id, turn_id) do update
      set state = excluded.state, settled_mc = excluded.settled_mc, reason = excluded.reason,
        closed_at = excluded.closed_at
      where h.state = 'held' and (:lineCount = 0 or h.pricebook_version = excluded.pricebook_version)
    returning ${ENDED_HOLD}
  ), ${LINES_AND_INBOX}
  select ended_hold.reserved_mc, ended_hold.pricebook_version from ended_hold`;
