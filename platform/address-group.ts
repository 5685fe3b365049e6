import ipaddr from 'ipaddr.js';

const IPV6_NETWORK_BITS = 64;

/** Who counts as one address: an IPv4 address, or the /64 that one IPv6 customer gets. */
export function addressGroup(address: string): string {
  if (!ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/${IPV6_NETWORK_BITS}`).toString();
}
