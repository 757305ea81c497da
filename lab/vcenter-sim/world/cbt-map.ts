import { randomHex } from '../prng.js';

/** Granularity of tracking, in bytes. Clients must not depend on it. */
export const CBT_BLOCK = 65_536;

/** `[start, start + length)` in bytes. */
export interface Area {
  readonly start: number;
  readonly length: number;
}

/** Tracking state as a snapshot froze it. */
export interface FrozenCbt {
  readonly epoch: string;
  readonly sequence: number;
  readonly blockSequence: ReadonlyMap<number, number>;
}

/**
 * Changed block tracking of one disk: for each 64 KiB block the sequence number current when it was last written.
 * A snapshot freezes the map as `epoch/sequence` and begins the next sequence number.
 */
export class CbtMap {
  private constructor(
    private readonly epoch: string,
    private sequence: number,
    private readonly blockSequence: Map<number, number>,
  ) {}

  static start(random: () => number): CbtMap {
    return new CbtMap(randomEpoch(random), 1, new Map());
  }

  /** Tracking after a revert that keeps the epoch: later ids repeat ids of the abandoned future. */
  static resume(frozen: FrozenCbt): CbtMap {
    return new CbtMap(frozen.epoch, frozen.sequence + 1, new Map(frozen.blockSequence));
  }

  /** The id of the current, moving state. Of no use as a base. */
  get changeId(): string {
    return `${this.epoch}/${this.sequence}`;
  }

  recordWrite(offset: number, length: number): void {
    if (length <= 0) return;
    const last = Math.floor((offset + length - 1) / CBT_BLOCK);
    for (let block = Math.floor(offset / CBT_BLOCK); block <= last; block++) this.blockSequence.set(block, this.sequence);
  }

  freeze(): FrozenCbt {
    const frozen = { epoch: this.epoch, sequence: this.sequence, blockSequence: new Map(this.blockSequence) };
    this.sequence += 1;
    return frozen;
  }
}

export const changeIdOf = (frozen: FrozenCbt): string => `${frozen.epoch}/${frozen.sequence}`;

/** Splits an id at its last slash; undefined when it does not look like one. */
export function parseChangeId(text: string): { epoch: string; sequence: number } | undefined {
  const match = /^([0-9a-f]{2}(?:[ -][0-9a-f]{2}){15})\/(\d+)$/.exec(text);
  return match === null ? undefined : { epoch: match[1]!, sequence: Number(match[2]) };
}

/** Blocks of the frozen state written after the base was frozen, in ascending order. */
export function changedBlocks(frozen: FrozenCbt, baseSequence: number): number[] {
  const blocks: number[] = [];
  for (const [block, sequence] of frozen.blockSequence) if (sequence > baseSequence) blocks.push(block);
  return blocks.sort((a, b) => a - b);
}

/** Runs of neighbouring blocks as areas, cut at the end of the disk. */
export function toAreas(blocks: readonly number[], capacity: number): Area[] {
  const areas: { start: number; length: number }[] = [];
  for (const block of blocks) {
    const start = block * CBT_BLOCK;
    const length = Math.min(CBT_BLOCK, capacity - start);
    const last = areas.at(-1);
    if (length <= 0) continue;
    if (last !== undefined && last.start + last.length === start) last.length += length;
    else areas.push({ start, length });
  }
  return areas;
}

/** As vSphere prints it: 16 bytes in hex, spaces between, a dash in the middle. */
function randomEpoch(random: () => number): string {
  const bytes = Array.from({ length: 16 }, () => randomHex(random, 2));
  return `${bytes.slice(0, 8).join(' ')}-${bytes.slice(8).join(' ')}`;
}
