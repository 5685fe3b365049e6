import { upsertSearchAttributes } from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

import type { OwnerChanged, SessionStart } from '#domain/session-handover.ts';
import type { Owner } from '#domain/turn.ts';

const OWNER = defineSearchAttributeKey('BobOwner', SearchAttributeType.KEYWORD);

/** Keeps the search attribute true. Written when the owner changes and never else: each write is an event. */
export function ownerNote(session: Pick<SessionStart, 'owner'>) {
  let current: Owner = session.owner ?? 'ai';

  return {
    change({ owner }: OwnerChanged): void {
      if (owner === current) return;
      current = owner;
      upsertSearchAttributes([{ key: OWNER, value: owner }]);
    },
    current: () => current,
  };
}
