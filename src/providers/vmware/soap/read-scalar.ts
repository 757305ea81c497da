import { TransportFailure } from './failure.js';

const XSD_INTEGERS = new Set(['int', 'long', 'short', 'byte']);
const INTEGER = /^[+-]?\d+$/;

/** Scalars of the tables and of xsd; undefined for any other type name. */
export function isScalar(type: string): boolean {
  return type === 'string' || type === 'boolean' || type === 'dateTime' || XSD_INTEGERS.has(type);
}

/** XML text as the value of a scalar type. Longs that a number cannot hold exactly become bigint. */
export function readScalar(type: string, text: string, call: string): string | boolean | number | bigint {
  if (type === 'boolean') return readBoolean(text.trim(), call);
  if (!XSD_INTEGERS.has(type)) return text;
  const digits = text.trim();
  if (!INTEGER.test(digits)) throw new TransportFailure('unreadable', call, `'${digits.slice(0, 40)}' is not a number`);
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : BigInt(digits);
}

function readBoolean(text: string, call: string): boolean {
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw new TransportFailure('unreadable', call, `'${text.slice(0, 40)}' is not true or false`);
}

/** A size or offset in bytes. Nothing that migplan handles is beyond 2^53. */
export function safeBytes(value: number | bigint, call: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new TransportFailure('unreadable', call, `${value} is too large for an offset or size`);
}
