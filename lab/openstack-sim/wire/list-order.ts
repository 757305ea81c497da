import { createHash } from 'node:crypto';
import { isObject, type Reply } from './message.js';

/** In which order lists are told, where a test chooses it. */
export interface ListOrder {
  /** Absent: as the service does. */
  seed?: number;
}

/** The answer with its list in an order that follows from the seed: the same things, told otherwise. */
export function inOrder({ seed }: ListOrder, reply: Reply): Reply {
  const { body } = reply;
  if (seed === undefined || !isObject(body)) return reply;
  const shuffled = (value: unknown): unknown => (Array.isArray(value) ? byHash(seed, value) : value);
  return { ...reply, body: Object.fromEntries(Object.entries(body).map(([key, value]) => [key, shuffled(value)])) };
}

function byHash(seed: number, list: readonly unknown[]): unknown[] {
  const hashOf = (value: unknown): string =>
    createHash('sha1')
      .update(`${seed} ${JSON.stringify(value)}`)
      .digest('hex');
  return list
    .map((value) => ({ value, hash: hashOf(value) }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1))
    .map(({ value }) => value);
}
