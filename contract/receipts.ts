import { z } from 'zod';

import { OUTCOMES } from '#domain/turn.ts';

import { prefixedId, TenantUuid, Timestamp } from './common.ts';

export const ReceiptParams = z.object({ turn_id: prefixedId('trn') });
export type ReceiptParams = z.infer<typeof ReceiptParams>;

const Sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);
const Millicredits = z.int().min(0);

const ReceiptCredits = z.object({
  held_mc: Millicredits,
  settled_mc: Millicredits,
  released_mc: Millicredits,
  lines: z.array(
    z.object({ pos: z.int().min(1), sku: z.string(), amount_mc: Millicredits, waived: z.string().nullable() }),
  ),
});

/** The record as it was hashed; a later schema may add names, so unknown ones are let through. */
export const ReceiptView = z
  .looseObject({
    schema: z.literal('bob.receipt.v1'),
    turn_id: prefixedId('trn'),
    seq: z.int().min(1).meta({ description: "The receipt's own number in its session" }),
    tenant_id: TenantUuid,
    channel: z.string(),
    'gen_ai.conversation.id': prefixedId('ses'),
    'gen_ai.agent.id': prefixedId('per'),
    'gen_ai.agent.version': z.int().min(1),
    content_hash: z.string(),
    pricebook_version: z.int().nullable(),
    retrieval: z.array(
      z.looseObject({ source: prefixedId('src'), revision: z.int(), chunk: z.int(), used: z.boolean() }),
    ),
    llm: z.array(
      z.looseObject({
        'gen_ai.provider.name': z.string(),
        'gen_ai.request.model': z.string(),
        'gen_ai.usage.input_tokens': z.int(),
        'gen_ai.usage.output_tokens': z.int(),
        billed: z.boolean(),
      }),
    ),
    outcome: z.enum(OUTCOMES),
    credits: ReceiptCredits,
    at: Timestamp,
    prev_hash: Sha256Hex,
    record_hash: Sha256Hex.meta({
      description: 'SHA-256 of "bob.receipt.v1", a line feed, and the canonical JSON (RFC 8785) without this member',
    }),
  })
  .meta({ id: 'Receipt' });
export type ReceiptView = z.infer<typeof ReceiptView>;
