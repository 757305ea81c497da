import { own } from '../../model/own.js';
/** One leaf that is not what was reviewed; undefined: it is not there. */
export interface Difference {
  /** Dotted path, such as `server.networks.0.fixedIp`. */
  readonly field: string;
  readonly reviewed: unknown;
  readonly now: unknown;
}

type Node = Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

/** Every leaf of JSON values that differs. What is absent and what is undefined are the same. */
export function differences(field: string, reviewed: unknown, now: unknown): Difference[] {
  if (!isNode(reviewed) || !isNode(now) || Array.isArray(reviewed) !== Array.isArray(now)) {
    return reviewed === now ? [] : [{ field, reviewed, now }];
  }
  const keys = [...new Set([...Object.keys(reviewed), ...Object.keys(now)])].sort();
  return keys.flatMap((key) => differences(`${field}.${key}`, own(reviewed, key), own(now, key)));
}

/** Entries of `now` that `reviewed` does not have, or has with another value. */
export function extraEntries(field: string, reviewed: unknown, now: unknown): Difference[] {
  if (Array.isArray(now)) {
    const known = Array.isArray(reviewed) ? reviewed : [];
    return now.filter((entry) => !known.includes(entry)).map((entry: unknown) => ({ field, reviewed: undefined, now: entry }));
  }
  const known = isNode(reviewed) ? reviewed : {};
  return Object.entries(isNode(now) ? now : {}).flatMap(([key, value]) => differences(`${field}.${key}`, own(known, key), value));
}
