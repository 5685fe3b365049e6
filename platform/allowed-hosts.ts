import ipaddr from 'ipaddr.js';

/** Why an address may not be called: the rule and the setting that would lift it, for the person who typed the URL. */
export interface UrlRefusal {
  rule: 'not_a_url' | 'scheme' | 'credentials' | 'host_not_allowed';
  setting: 'WEBHOOK_ALLOW_HOSTS';
  detail: string;
}

export interface AllowedHosts {
  refusalOf(url: string): UrlRefusal | null;
}

const SETTING = 'WEBHOOK_ALLOW_HOSTS';
const DEFAULT_PORT: Record<string, string> = { 'http:': '80', 'https:': '443' };

/** Reads `host[:port],…`. A host without a port allows every port of exactly that host, as a URL parser spells it. */
export function parseAllowedHosts(setting: string): AllowedHosts {
  const entries = setting
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map(parseEntry);

  return {
    refusalOf(text) {
      const url = URL.canParse(text) ? new URL(text) : null;
      if (url === null) return refusal('not_a_url', 'This is not a URL.');
      const port = url.port === '' ? DEFAULT_PORT[url.protocol] : url.port;
      if (port === undefined) return refusal('scheme', 'Only https and http addresses can be called.');
      if (url.username !== '' || url.password !== '') {
        return refusal('credentials', 'User name and password do not belong in the address.');
      }
      const allowed = entries.some((entry) => entry.hostname === url.hostname && (entry.port ?? port) === port);
      return allowed ? null : refusal('host_not_allowed', `Only hosts listed in ${SETTING} can be called.`);
    },
  };
}

/**
 * Whether a host on the list may stand for this address. Being listed lifts the rule against private and loopback
 * addresses; cloud metadata and link-local addresses, multicast and the like stay refused whatever a name resolves to.
 */
export function isAllowedAddress(address: string): boolean {
  // A zone id names a link, and no listed host has one.
  if (address.includes('%') || !ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (METADATA.has(parsed.toString())) return false;
  return REACHABLE.has(parsed.range());
}

const REACHABLE = new Set(['unicast', 'loopback', 'private', 'uniqueLocal']);
const METADATA = new Set(['168.63.129.16', 'fd00:ec2::254', 'fd20:ce::254']);

function refusal(rule: UrlRefusal['rule'], detail: string): UrlRefusal {
  return { rule, setting: SETTING, detail };
}

function parseEntry(entry: string): { hostname: string; port: string | null } {
  const url = URL.canParse(`http://${entry}`) ? new URL(`http://${entry}`) : null;
  if (url === null || url.pathname !== '/' || url.username !== '') {
    throw new Error(`${SETTING}: expected host or host:port, several separated by commas`);
  }
  // The URL parser drops port 80, which is a port all the same.
  const port = /:(\d+)$/.exec(entry.replace(/^\[.*\]/, ''))?.[1] ?? null;
  return { hostname: url.hostname, port };
}
