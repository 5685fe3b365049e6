import { canonicalJson, type CanonicalValue } from './canonical-json.ts';
import type { ModelCall } from './usage.ts';

const RECEIPT_SCHEMA = 'bob.receipt.v1';

type Sha256 = (text: string) => string;

/** What a receipt says of one call: the names are those of OpenTelemetry's GenAI conventions, frozen per schema. */
export function receiptOfCall(call: ModelCall): CanonicalValue {
  const { input, cachedInput, cacheWrite, output } = call.pools;
  return {
    step: call.step,
    attempt: call.attempt,
    'gen_ai.provider.name': call.provider,
    'gen_ai.request.model': call.model,
    'gen_ai.response.id': call.providerRequestId,
    // OpenTelemetry counts cached tokens as input tokens; our pools keep them apart.
    'gen_ai.usage.input_tokens': input + cachedInput + cacheWrite,
    'gen_ai.usage.cache_read.input_tokens': cachedInput,
    'gen_ai.usage.output_tokens': output,
    'gen_ai.usage.reasoning.output_tokens': call.reasoningTokens,
    sku: call.sku,
    estimated: call.estimated,
    billed: call.waived === null,
    ...(call.releasedCharacters === undefined ? {} : { released_chars: call.releasedCharacters }),
  };
}

export interface ChainedReceipt {
  /** Canonical JSON with `prev_hash` and `record_hash`, as it is stored and exported. */
  record: string;
  prevHash: string;
  recordHash: string;
}

/** Hangs a record on its session's chain: record_hash = SHA-256("bob.receipt.v1\n" + JCS(all but record_hash)). */
export function chainReceipt(
  fields: Readonly<Record<string, CanonicalValue>>,
  { prevHash, sha256 }: { prevHash: string; sha256: Sha256 },
): ChainedReceipt {
  const unsigned = { schema: RECEIPT_SCHEMA, ...fields, prev_hash: prevHash };
  const recordHash = sha256(`${RECEIPT_SCHEMA}\n${canonicalJson(unsigned)}`);
  return { record: canonicalJson({ ...unsigned, record_hash: recordHash }), prevHash, recordHash };
}

/** Where a session's chain begins: bound to the session, so that a receipt cannot move to another one. */
export function firstReceiptHash(
  session: { tenantId: string; sessionId: string; personaVersionId: string; createdAt: Date },
  sha256: Sha256,
): string {
  const seed = {
    tenant: session.tenantId,
    session: session.sessionId,
    version: session.personaVersionId,
    created_at: session.createdAt.toISOString(),
  };
  return sha256(`${RECEIPT_SCHEMA}\n${canonicalJson(seed)}`);
}
