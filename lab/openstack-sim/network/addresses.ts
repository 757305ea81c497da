import type { Networking, Port, Subnet } from './model.js';

/** IPv4 arithmetic for port creation. Addresses are numbers from 0 to 2^32 - 1. */
export function parseAddress(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

const formatAddress = (address: number) => [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');

function boundsOf({ cidr }: Subnet): { first: number; last: number } {
  const [base = '', length = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(length));
  const start = Math.floor((parseAddress(base) ?? 0) / size) * size;
  return { first: start + 1, last: start + size - 2 };
}

export function contains(subnet: Subnet, text: string): boolean {
  const address = parseAddress(text);
  const { first, last } = boundsOf(subnet);
  return address !== undefined && address >= first && address <= last;
}

/** The lowest address of the subnet that is free, or undefined when it is full. */
export function freeAddress({ ports }: Networking, subnet: Subnet): string | undefined {
  const taken = new Set([...ports.values()].flatMap(({ fixedIps }) => fixedIps.map(({ address }) => address)));
  const { first, last } = boundsOf(subnet);
  for (let address = first; address <= last; address++) {
    if (!taken.has(formatAddress(address))) return formatAddress(address);
  }
  return undefined;
}

export const isMacAddress = (text: string): boolean => /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text);

/** A MAC address in Neutron's base range that belongs to the id. */
export const macFor = (id: string): string => `fa:16:3e:${id.slice(0, 2)}:${id.slice(2, 4)}:${id.slice(4, 6)}`;

export const usesAddress = ({ fixedIps }: Port, subnetId: string, address: string): boolean =>
  fixedIps.some((fixed) => fixed.subnetId === subnetId && fixed.address === address);
