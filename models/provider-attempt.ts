import type { Knex } from 'knex';

import { toUuid } from '#domain/ids.ts';
import type { TurnRef } from '#domain/turn.ts';
import { WAIVED_REASONS, type ModelCall, type TokenPools } from '#domain/usage.ts';

/**
 * The statement, alone or as a part of a larger one, that stores calls; `:calls` comes from `attemptsOf`. Behind a CTE
 * it stores them only if that gave a row.
 */
export const insertAttempts = (behind: string | null = null): string => `
  insert into provider_attempt (tenant_id, turn_id, step, attempt, provider_request_id, sku, pools, reasoning,
    estimated, outcome, billed, at)
  select :tenantId, :turnId, call.step, call.attempt, call.provider_request_id, call.sku, call.pools, call.reasoning,
    call.estimated, call.outcome, call.billed, :at
  from jsonb_to_recordset(:calls::jsonb) as call (step text, attempt integer, provider_request_id text, sku text,
    pools jsonb, reasoning bigint, estimated boolean, outcome text, billed boolean)
  ${behind === null ? '' : `where exists (select from ${behind})`}
  on conflict do nothing`;
const KEEP = insertAttempts();

/** A call as it is stored: what the operator may have paid for, whether or not the tenant was charged. */
export function attemptsOf(calls: readonly ModelCall[]): string {
  const rows = calls.map((call) => ({
    step: call.step,
    attempt: call.attempt,
    provider_request_id: call.providerRequestId,
    sku: call.sku,
    pools: call.pools,
    reasoning: call.reasoningTokens,
    estimated: call.estimated,
    outcome: call.waived ?? 'delivered',
    billed: call.waived === null,
  }));
  return JSON.stringify(rows);
}

/** Puts calls that led to no answer on record before the turn is tried again: calls are counted, tries are not. */
export async function keepFailedAttempts(
  knex: Knex,
  turn: TurnRef,
  failed: { calls: readonly ModelCall[]; at: Date },
): Promise<void> {
  await knex.raw(KEEP, {
    tenantId: turn.tenantId,
    turnId: toUuid(turn.turnId),
    calls: attemptsOf(failed.calls),
    at: failed.at,
  });
}

export interface AttemptRow {
  step: string;
  attempt: number;
  provider_request_id: string | null;
  sku: string;
  pools: TokenPools;
  reasoning: number | string;
  estimated: boolean;
  outcome: string;
}

/** The calls of earlier tries, oldest first; all of them failed or were lost, so none is charged. */
export async function readFailedAttempts(knex: Knex, turn: TurnRef): Promise<ModelCall[]> {
  const { rows } = await knex.raw<{ rows: AttemptRow[] }>(
    `select step, attempt, provider_request_id, sku, pools, reasoning, estimated, outcome
     from provider_attempt
     where provider_attempt.tenant_id = ? and provider_attempt.turn_id = ?
     order by provider_attempt.attempt, provider_attempt.step`,
    [turn.tenantId, toUuid(turn.turnId)],
  );
  return rows.map(readFailedAttempt);
}

export function readFailedAttempt(row: AttemptRow): ModelCall {
  return {
    step: row.step,
    attempt: row.attempt,
    sku: row.sku,
    ...namesOf(row.sku),
    providerRequestId: row.provider_request_id,
    pools: row.pools,
    reasoningTokens: Number(row.reasoning),
    estimated: row.estimated,
    waived: WAIVED_REASONS.find((reason) => reason === row.outcome) ?? 'provider_error',
  };
}

/** `model:openai/gpt-4.1-mini` names provider and model. */
export function namesOf(sku: string): { provider: string; model: string } {
  const [provider = '', model = ''] = sku.slice(sku.indexOf(':') + 1).split('/');
  return { provider, model };
}
