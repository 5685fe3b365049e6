import { BELOW_WILDCARD } from './widget-page.ts';

/** Why a text cannot stand on a list of origins. */
export type OriginFault =
  | 'not_an_origin'
  | 'wrong_scheme'
  | 'has_credentials'
  | 'has_path'
  | 'trailing_dot'
  | 'wrong_wildcard'
  | 'http_needs_loopback'
  | 'too_long';

export type NormalOrigin = { kind: 'origin'; origin: string } | { kind: 'fault'; fault: OriginFault };

const ORIGIN_LENGTH_MAX = 300;
const SHAPE = /^(?<scheme>[a-z][a-z0-9+.-]*):\/\/(?<authority>[^/?#\\\s]+)(?<rest>[/?#\\].*)?$/i;
const NOT_A_HOST = /[^\p{L}\p{M}\p{N}.:[\]_-]/u;
const LOOPBACK = /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * One entry of a tenant's list as browsers write an origin (RFC 6454): scheme, host and port, lower case, in punycode,
 * without a default port. One leading `*.` stands for any subdomain, but not for the domain itself.
 */
export function normaliseOrigin(text: string): NormalOrigin {
  if (text.length > ORIGIN_LENGTH_MAX) return fault('too_long');
  const parts = SHAPE.exec(text)?.groups;
  if (parts === undefined) return fault('not_an_origin');
  const { scheme = '', authority = '', rest } = parts;
  if (!/^https?$/i.test(scheme)) return fault('wrong_scheme');
  if (rest !== undefined) return fault('has_path');
  if (authority.includes('@')) return fault('has_credentials');
  const host = authority.replace(/^\*\./, '');
  if (host.includes('*')) return fault('wrong_wildcard');
  return normaliseParts({ scheme: scheme.toLowerCase(), host, isWildcard: host !== authority });
}

function normaliseParts(parts: { scheme: string; host: string; isWildcard: boolean }): NormalOrigin {
  const { scheme, isWildcard } = parts;
  // The parser mends what it can, such as full-width letters or tabs; what may stand in a name is said here.
  if (NOT_A_HOST.test(parts.host)) return fault('not_an_origin');
  const url = parseUrl(`${scheme}://${parts.host}`);
  if (url === null || /^\.|\.\./.test(url.hostname)) return fault('not_an_origin');
  if (url.hostname.endsWith('.')) return fault('trailing_dot');
  if (isWildcard && !BELOW_WILDCARD.test(url.hostname)) return fault('wrong_wildcard');
  if (scheme === 'http' && !LOOPBACK.test(url.hostname)) return fault('http_needs_loopback');
  return { kind: 'origin', origin: isWildcard ? `${scheme}://*.${url.host}` : url.origin };
}

/** The header of a page that may be listed at all; null for `null`, lists, and whatever no browser writes. */
export function readOriginHeader(header: string): string | null {
  if (header.length > ORIGIN_LENGTH_MAX || !/^https?:\/\/[^/*]+$/.test(header)) return null;
  return parseUrl(header)?.origin === header ? header : null;
}

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

function fault(name: OriginFault): NormalOrigin {
  return { kind: 'fault', fault: name };
}
