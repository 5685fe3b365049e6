import type { Knex } from 'knex';

import { toUuid } from '#domain/ids.ts';
import { isLanguage, type Language } from '#domain/languages.ts';
import type { TurnRef } from '#domain/turn.ts';

/** The little an apology needs to know. */
export interface FailingTurn {
  language: Language;
  personaName: string;
  ownerEpoch: number;
  /** The version its hold pins; null for a turn that never held. */
  pricebookVersion: number | null;
  policyHash: string | null;
}

export async function readFailingTurn(knex: Knex, turn: TurnRef): Promise<FailingTurn> {
  const { rows } = await knex.raw<{
    rows: {
      language: string;
      persona_name: string;
      owner_epoch: number;
      pricebook_version: number | null;
      policy_hash: string | null;
    }[];
  }>(
    `select chat_session.language, chat_session.owner_epoch, credit_hold.pricebook_version,
       persona_version.snapshot -> 'identity' ->> 'name' as persona_name,
       (select policy_set.hash from policy_set where policy_set.layer = 'operator'
          order by policy_set.version desc limit 1) as policy_hash
     from turn
     join chat_session on chat_session.tenant_id = turn.tenant_id and chat_session.id = turn.session_id
     join persona_version on persona_version.tenant_id = chat_session.tenant_id
       and persona_version.id = chat_session.persona_version_id
     left join credit_hold on credit_hold.tenant_id = turn.tenant_id and credit_hold.turn_id = turn.id
     where turn.tenant_id = ? and turn.id = ?`,
    [turn.tenantId, toUuid(turn.turnId)],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`turn ${turn.turnId} does not exist`);
  return {
    language: isLanguage(row.language) ? row.language : 'en',
    personaName: row.persona_name,
    ownerEpoch: row.owner_epoch,
    pricebookVersion: row.pricebook_version,
    policyHash: row.policy_hash,
  };
}
