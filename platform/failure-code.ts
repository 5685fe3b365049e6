import type { FailureCode } from '#domain/webhooks/verdict.ts';

const CODES: Record<string, FailureCode> = {
  blocked_address: 'blocked_address',
  ENOTFOUND: 'dns',
  ENODATA: 'dns',
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_OVERFLOW: 'header_overflow',
  HPE_HEADER_OVERFLOW: 'header_overflow',
  EAI_AGAIN: 'resolver_unavailable',
  ENETUNREACH: 'network_unavailable',
  EADDRNOTAVAIL: 'network_unavailable',
  EMFILE: 'no_resources',
  ENFILE: 'no_resources',
  ENOBUFS: 'no_resources',
};
const TLS = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|EPROTO|INVALID_CA)/;

/** The named code of a request that got no status. What has no name of its own broke the protocol. */
export function failureCodeOf(error: unknown): FailureCode {
  if (!(error instanceof Error)) return 'protocol';
  // undici reports a stray 100 or 101 as a broken socket; the receiver broke the protocol.
  if (error.message === 'bad upgrade' || error.message === 'bad response') return 'protocol';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = CODES[code] ?? (TLS.test(code) ? 'tls' : undefined);
  if (known !== undefined) return known;
  return error.cause instanceof Error ? failureCodeOf(error.cause) : 'protocol';
}
