import { type Extent, endOf } from './extent.js';

/** Draws a whole number from 0 to `below` - 1, each as likely as the others. */
export type Draw = (below: number) => number;

/** How many blocks of a grid the extents touch. Extents are sorted and disjoint; a block that two of them share counts twice. */
export const blockCount = (extents: readonly Extent[], blockBytes: number): number =>
  extents.reduce((sum, extent) => sum + blocksOf(extent, blockBytes), 0);

/**
 * `wanted` different blocks of a grid, clipped to the extents; all of them when there are no more. Each choice of so many
 * blocks is as likely as any other, so no fault hides behind a period. Sorted and disjoint, as the extents are.
 */
export function sampleBlocks(
  extents: readonly Extent[],
  { blockBytes, wanted, draw }: { readonly blockBytes: number; readonly wanted: number; readonly draw: Draw },
): Extent[] {
  const firstOf: number[] = [];
  let total = 0;
  for (const extent of extents) {
    firstOf.push(total);
    total += blocksOf(extent, blockBytes);
  }
  let at = 0;
  return chosen(total, Math.min(wanted, total), draw).map((number) => {
    while (at + 1 < extents.length && firstOf[at + 1]! <= number) at += 1;
    return blockOf(extents[at]!, number - firstOf[at]!, blockBytes);
  });
}

/** Floyd's way to draw without replacement: as many draws as numbers, and no memory for those that were not drawn. */
function chosen(total: number, count: number, draw: Draw): number[] {
  const numbers = new Set<number>();
  for (let last = total - count; last < total; last++) {
    const number = draw(last + 1);
    numbers.add(numbers.has(number) ? last : number);
  }
  return [...numbers].sort((a, b) => a - b);
}

const blocksOf = (extent: Extent, blockBytes: number): number =>
  extent.length === 0 ? 0 : Math.ceil(endOf(extent) / blockBytes) - Math.floor(extent.offset / blockBytes);

function blockOf(extent: Extent, index: number, blockBytes: number): Extent {
  const start = (Math.floor(extent.offset / blockBytes) + index) * blockBytes;
  const offset = Math.max(start, extent.offset);
  return { offset, length: Math.min(start + blockBytes, endOf(extent)) - offset };
}

/**
 * The chance that comparing `compared` of `blocks` blocks, drawn without replacement, meets at least one of `faulty` wrong
 * ones: one minus the hypergeometric probability of none.
 */
export function chanceOfFinding({
  blocks,
  faulty,
  compared,
}: {
  readonly blocks: number;
  readonly faulty: number;
  readonly compared: number;
}): number {
  const [fewer, more] = faulty < compared ? [faulty, compared] : [compared, faulty];
  if (fewer === 0) return 0;
  if (fewer + more > blocks) return 1;
  let logOfNone = 0;
  for (let drawn = 0; drawn < fewer; drawn++) logOfNone += Math.log1p(-more / (blocks - drawn));
  return -Math.expm1(logOfNone);
}
