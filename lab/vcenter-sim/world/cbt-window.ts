import { type Area, CBT_BLOCK } from './cbt-map.js';

export interface WindowRules {
  readonly capacity: number;
  readonly maxExtents: number;
  readonly windowBytes: number | undefined;
}

/** Describes `[startOffset, startOffset + length)` and nothing else. */
export interface Window {
  readonly startOffset: number;
  readonly length: number;
  readonly areas: readonly Area[];
}

/**
 * Cuts one answer out of all areas: at most `maxExtents` of them, never across a multiple of `windowBytes`.
 * Windows asked for one after the other tile the disk; some of them hold no area at all.
 */
export function cutWindow(areas: readonly Area[], startOffset: number, rules: WindowRules): Window {
  const { capacity, maxExtents, windowBytes } = rules;
  let end = windowBytes === undefined ? capacity : Math.min(capacity, (Math.floor(startOffset / windowBytes) + 1) * windowBytes);
  let inside = areas.flatMap((area) => clip(area, startOffset, end));
  if (inside.length > maxExtents) {
    inside = inside.slice(0, maxExtents);
    const last = inside.at(-1)!;
    end = last.start + last.length;
  }
  return { startOffset, length: end - startOffset, areas: inside };
}

function clip({ start, length }: Area, from: number, to: number): Area[] {
  const begin = Math.max(start, from);
  const end = Math.min(start + length, to);
  return end > begin ? [{ start: begin, length: end - begin }] : [];
}

export interface Noise {
  readonly shuffle: boolean;
  readonly overlap: boolean;
  readonly random: () => number;
}

/** Everything the contract does not promise against: no order, overlaps, areas that reach out of their window or the disk. */
export function addNoise(window: Window, { shuffle, overlap, random }: Noise): Window {
  const areas = [...window.areas];
  if (overlap) {
    for (const { start, length } of window.areas) {
      if (random() < 0.5) areas.push({ start: Math.max(0, start - CBT_BLOCK), length: length + 2 * CBT_BLOCK });
    }
  }
  if (shuffle) for (let at = areas.length - 1; at > 0; at--) swap(areas, at, Math.floor(random() * (at + 1)));
  return { ...window, areas };
}

function swap(areas: Area[], a: number, b: number): void {
  [areas[a], areas[b]] = [areas[b]!, areas[a]!];
}
