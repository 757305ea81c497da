import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import type { ChangeId } from '../../model/change-id.js';

/**
 * Names what files hold, as far as a file system tells: another one when any was replaced or written to, also when its time was set
 * back afterwards (that changes ctime). `readAs`: the same bytes are another disk in another format. The number is the time of the
 * last write in seconds, for people.
 */
export function contentOf(files: readonly BigIntStats[], readAs: string): ChangeId {
  const facts = files.map(({ ino, size, mtimeNs, ctimeNs }) => [ino, size, mtimeNs, ctimeNs].map(String));
  const digest = createHash('sha256')
    .update(JSON.stringify([readAs, facts]))
    .digest('hex');
  const newest = files.reduce((latest, { mtimeNs }) => (mtimeNs > latest ? mtimeNs : latest), 0n);
  return { epoch: inPairs(digest.slice(0, 32)), sequence: Math.max(0, Number(newest / 1_000_000_000n)) };
}

/** As vSphere writes its own, which a record keeps in little room. */
function inPairs(hex: string): string {
  const pairs = hex.match(/../g)!;
  return `${pairs.slice(0, 8).join(' ')}-${pairs.slice(8).join(' ')}`;
}

export const sameContent = (a: ChangeId, b: ChangeId): boolean => a.epoch === b.epoch && a.sequence === b.sequence;

/** 128 bits of text as a UUID (version 8: made by a rule of our own). */
export function uuidOf(...texts: readonly string[]): string {
  const hex = createHash('sha256').update(JSON.stringify(texts)).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
