/** IPv4 and IPv6 addresses as numbers: what subnets and their members need, and no more. */
interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** undefined: no address is written so. */
export function parseAddress(text: string): Address | undefined {
  return text.includes(':') ? parseV6(text) : parseV4(text);
}

function parseV4(text: string): Address | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return undefined;
  return { bits: 32, value: parts.reduce((value, part) => value * 256n + BigInt(part), 0n) };
}

const GROUPS = 8;

function parseV6(text: string): Address | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => groupsOf(half));
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const missing = GROUPS - head.length - (tail?.length ?? 0);
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...new Array<bigint>(Math.max(0, missing)).fill(0n), ...(tail ?? [])];
  return { bits: 128, value: groups.reduce((value, group) => value * 65_536n + group, 0n) };
}

/** The last two groups may be written as an IPv4 address. */
function groupsOf(half: string): bigint[] | undefined {
  if (half === '') return [];
  const parts = half.split(':');
  const last = parts.at(-1)!;
  const dotted = last.includes('.') ? parseV4(last) : undefined;
  const words = dotted === undefined ? parts : parts.slice(0, -1);
  if (!words.every((word) => /^[0-9a-f]{1,4}$/i.test(word))) return undefined;
  const groups = words.map((word) => BigInt(`0x${word}`));
  return dotted === undefined ? groups : [...groups, dotted.value / 65_536n, dotted.value % 65_536n];
}

/** Whether a subnet such as `192.0.2.0/24` holds the address. Text that is neither holds nothing. */
export function subnetHolds(cidr: string, text: string): boolean {
  const [base = '', length = ''] = cidr.split('/');
  const [network, address] = [parseAddress(base), parseAddress(text)];
  if (network === undefined || address === undefined || network.bits !== address.bits || !/^\d{1,3}$/.test(length)) return false;
  const host = BigInt(Math.max(0, network.bits - Number(length)));
  return network.value >> host === address.value >> host;
}

/** The same text for all ways to write one address; undefined: no address is written so. */
export function addressKey(text: string): string | undefined {
  const address = parseAddress(text);
  return address && `${address.bits}:${address.value}`;
}

/** Whether two texts are the same address: `2001:db8::1` and `2001:0DB8:0::1` are. */
export function sameAddress(a: string, b: string): boolean {
  const key = addressKey(a);
  return key !== undefined && key === addressKey(b);
}

/** Whether an IPv6 address is the one that every host makes of this MAC address by itself (EUI-64, RFC 4291 appendix A). */
export function followsFromMac(text: string, mac: string): boolean {
  const address = parseAddress(text);
  const bytes = mac.split(':').map((byte) => Number.parseInt(byte, 16));
  if (address?.bits !== 128 || bytes.length !== 6 || bytes.some(Number.isNaN)) return false;
  const [first, ...rest] = bytes;
  const id = [first! ^ 2, ...rest.slice(0, 2), 0xff, 0xfe, ...rest.slice(2)];
  return BigInt.asUintN(64, address.value) === id.reduce((value, byte) => value * 256n + BigInt(byte), 0n);
}
