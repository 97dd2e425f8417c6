// Which addresses the hub may connect to for somebody else: never its own host, its link or a cloud's metadata service, unless the operator allows the network.
import { lookup as resolve } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { AppError } from '@wheelwright/kernel';

/** Says why an address (IPv4 or IPv6 text) may not be connected to; `undefined` where it may. */
export type AddressPolicy = (address: string) => string | undefined;

const REFUSED_V4: readonly (readonly [network: string, prefix: number, what: string])[] = [
  ['0.0.0.0', 8, 'unspecified'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link-local or metadata'],
  ['100.100.100.200', 32, 'metadata'],
  ['192.0.0.0', 24, 'metadata or reserved'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved'],
];
const REFUSED_V6: readonly (readonly [network: string, prefix: number, what: string])[] = [
  ['::', 128, 'unspecified'],
  ['::1', 128, 'loopback'],
  ['fe80::', 10, 'link-local'],
  ['fd00:ec2::254', 128, 'metadata'],
  ['ff00::', 8, 'multicast'],
];

/** Ranges that are not routed on the internet (RFC 1918, 4193, 6598): spokes live there, and so do services that nobody meant to show. */
const PRIVATE_V4: readonly (readonly [network: string, prefix: number, what: string])[] = [
  ['10.0.0.0', 8, 'private'],
  ['172.16.0.0', 12, 'private'],
  ['192.168.0.0', 16, 'private'],
  ['100.64.0.0', 10, 'private'],
];
const PRIVATE_V6: readonly (readonly [network: string, prefix: number, what: string])[] = [['fc00::', 7, 'private']];

/** A network in CIDR form, as text or in its parts. */
export type AllowedNetwork = string | { readonly address: string; readonly prefix: number };

/**
 * The policy for outgoing connections. `allowed` holds networks in CIDR form that are taken although they would be refused (a demo allows
 * `127.0.0.0/8`). Private ranges are allowed, because spokes live there, unless `privateRanges` says `refused`: for addresses that the
 * writer of a document chose. Throws `InvalidRequest` on a text that is not a network.
 */
export function addressPolicy(
  allowed: readonly AllowedNetwork[] = [],
  privateRanges: 'allowed' | 'refused' = 'allowed',
): AddressPolicy {
  const allowList = new BlockList();
  for (const network of allowed)
    addNetwork(allowList, typeof network === 'string' ? network : `${network.address}/${network.prefix}`);
  const refusals = [
    ...[...REFUSED_V4, ...(privateRanges === 'refused' ? PRIVATE_V4 : [])].map((entry) => refusal(entry, 'ipv4')),
    ...[...REFUSED_V6, ...(privateRanges === 'refused' ? PRIVATE_V6 : [])].map((entry) => refusal(entry, 'ipv6')),
  ];
  return (address) => {
    const plain = embeddedV4(address) ?? address;
    const family = isIP(plain);
    if (family === 0) return 'not an address';
    const type = family === 4 ? 'ipv4' : 'ipv6';
    if (allowList.check(plain, type)) return undefined;
    return refusals.find((entry) => entry.type === type && entry.list.check(plain, type))?.what;
  };
}

function refusal([network, prefix, what]: readonly [string, number, string], type: 'ipv4' | 'ipv6') {
  const list = new BlockList();
  list.addSubnet(network, prefix, type);
  return { list, what, type };
}

function addNetwork(list: BlockList, network: string): void {
  const [address = '', prefix = ''] = network.trim().split('/');
  const family = isIP(address);
  const bits = Number(prefix === '' ? (family === 4 ? 32 : 128) : prefix);
  if (family === 0 || !Number.isInteger(bits) || bits < 0 || bits > (family === 4 ? 32 : 128)) {
    throw new AppError('InvalidRequest', `${JSON.stringify(network)} is not a network such as 10.0.0.0/8`);
  }
  list.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6');
}

/** The IPv4 address inside an IPv4-mapped (`::ffff:0:0/96`), IPv4-compatible or NAT64 (`64:ff9b::/96`) IPv6 address: it is where the packets go. */
function embeddedV4(address: string): string | undefined {
  if (isIP(address) !== 6) return undefined;
  // The URL parser writes every spelling of an IPv6 address in one way: hexadecimal groups, the longest run of zeros as `::`.
  const bare = address.split('%')[0] ?? address;
  const [head = '', tail = ''] = new URL(`http://[${bare}]`).hostname.slice(1, -1).split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  const groups = [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16));
  const prefix = groups.slice(0, 6).join(':');
  if (
    prefix !== '0:0:0:0:0:65535' &&
    prefix !== '0:0:0:0:0:0' &&
    prefix !== `${String(0x64)}:${String(0xff9b)}:0:0:0:0`
  )
    return undefined;
  const [high = 0, low = 0] = groups.slice(6);
  if (prefix === '0:0:0:0:0:0' && high === 0 && low <= 1) return undefined;
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** Refuses a host that is itself a refused address; names are judged when they are resolved. */
export function refusedHost(hostname: string, policy: AddressPolicy): string | undefined {
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return isIP(host) === 0 ? undefined : policy(host);
}

/**
 * A resolver for sockets: the very address that passes the policy is the one connected to, so a name that resolves differently the second
 * time gains nothing. One refused address among several refuses the name.
 */
export function guardedLookup(policy: AddressPolicy): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      // Of a name that cannot be resolved there is no list at all.
      const first = error === null ? addresses[0] : undefined;
      if (first === undefined) {
        callback(error ?? new Error(`no address for ${hostname}`), '', 0);
        return;
      }
      const why = addresses.map((entry) => policy(entry.address)).find((reason) => reason !== undefined);
      if (why !== undefined) callback(refusedAddress(hostname, why), '', 0);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/** The error for a host that the policy refuses. */
export function refusedAddress(hostname: string, why: string): AppError {
  return new AppError(
    'SpokeUnreachable',
    `The host ${hostname} is a ${why} address, which the hub does not connect to. An operator may allow its network.`,
    { details: { reason: 'AddressRefused' } },
  );
}
