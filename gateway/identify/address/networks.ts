// Network addresses: which range a caller's address lies in, and which subnet it counts for. The only file that imports
// ipaddr.js. An IPv4 address in IPv6's clothes (::ffff:192.0.2.1) is the IPv4 address, in ranges too.
import ipaddr from 'ipaddr.js';

/** Ranges that a key may be used from. */
export interface Networks {
  /** Says whether an address lies in one of them; never for none and for what is no address. */
  hold(address: string | undefined): boolean;
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = readonly [Address, number];

const MAPPED_BITS = 96;
/** What one customer of a provider gets at least: whoever has one address of it has 2^64. */
const IPV6_SUBNET_BITS = 64;
const IPV6_PART_BITS = 16;

function readAddress(text: string | undefined): Address | undefined {
  return text !== undefined && ipaddr.isValid(text) ? ipaddr.process(text) : undefined;
}

function readRange(text: string): Range | undefined {
  try {
    const [address, bits] = ipaddr.parseCIDR(text);
    if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= MAPPED_BITS) {
      return [address.toIPv4Address(), bits - MAPPED_BITS];
    }
    return [address, bits];
  } catch {
    // A range that says nothing holds nobody: the list stays closed.
    return undefined;
  }
}

/** Takes ranges as `192.0.2.0/24` or `2001:db8::/32`; one that cannot be read holds no address. */
export function openNetworks(texts: readonly string[]): Networks {
  const ranges = texts.map(readRange).filter((range) => range !== undefined);
  return {
    hold(text) {
      const address = readAddress(text);
      if (address === undefined) return false;
      return ranges.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits));
    },
  };
}

/** Gives what an address counts for: an IPv4 address for itself, an IPv6 address for its /64, none for `unknown`. */
export function subnetOf(text: string | undefined): string {
  if (text === undefined) return 'unknown';
  // Most are IPv4 as the system writes them: no need to read them.
  if (!text.includes(':')) return text;
  const address = readAddress(text);
  if (address === undefined) return 'unknown';
  if (address instanceof ipaddr.IPv4) return address.toString();
  return address.parts
    .slice(0, IPV6_SUBNET_BITS / IPV6_PART_BITS)
    .map((part) => part.toString(16))
    .join(':');
}
