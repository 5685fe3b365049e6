import type { IncomingMessage } from 'node:http';

import { constantTimeEqual, sha256Hex } from '#platform/digest.ts';

const LOOPBACK = /^(::ffff:)?127\.|^::1$/;

/** Whoever has the token; where none is set, this machine alone. */
export function mayReadMetrics({ headers, socket }: IncomingMessage, token: string | undefined): boolean {
  if (token !== undefined) return constantTimeEqual(digestOf(headers.authorization), digestOf(`Bearer ${token}`));
  // Behind a proxy on this machine everybody seems to be a neighbour: what was forwarded is not.
  const isForwarded = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
  return !isForwarded && LOOPBACK.test(socket.remoteAddress ?? '');
}

/** Of equal length, so that the comparison tells nothing of the token's. */
function digestOf(text = ''): Buffer {
  return Buffer.from(sha256Hex(text));
}
