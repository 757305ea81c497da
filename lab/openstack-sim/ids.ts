import { createHash } from 'node:crypto';

/** Gives out ids that depend on the seed and on how many were given before, so that a run can be repeated. */
export interface IdSource {
  uuid(): string;
  /** 32 hex digits, as Keystone writes ids. */
  hex(): string;
  /** A bearer token. */
  token(): string;
}

const digestOf = (text: string) => createHash('sha256').update(text).digest();

/** 32 hex digits that belong to a name. */
export const hexOf = (seed: string, name: string): string => digestOf(`${seed}\n${name}`).toString('hex').slice(0, 32);

/** A version 4 shaped UUID that belongs to a name. */
export function uuidOf(seed: string, name: string): string {
  const hex = hexOf(seed, name);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

export function createIds(seed: string): IdSource {
  let count = 0;
  const next = () => `${seed}\n#${++count}`;
  return {
    uuid: () => uuidOf(seed, next()),
    hex: () => hexOf(seed, next()),
    token: () => `gAAAA${digestOf(next()).toString('base64url')}${digestOf(next()).toString('base64url')}`,
  };
}
