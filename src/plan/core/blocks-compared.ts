import type { SyncDoubt } from './action.js';

const BLOCKS = 1024;
const BLOCKS_IN_DOUBT = 4096;
const BLOCKS_ON_FAULTY_HOST = 16_384;

/** How many blocks are drawn by lot outside of what was copied: the more, the more there is to doubt. */
export function blocksFor(doubts: readonly SyncDoubt[]): number {
  if (doubts.some(({ kind }) => kind === 'known-fault')) return BLOCKS_ON_FAULTY_HOST;
  return doubts.length > 0 ? BLOCKS_IN_DOUBT : BLOCKS;
}
