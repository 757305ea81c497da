/** A half-open byte range [offset, offset + length). Lists are sorted, disjoint and without empty extents. */
export interface Extent {
  readonly offset: number;
  readonly length: number;
}

export const endOf = ({ offset, length }: Extent): number => offset + length;

export const totalLength = (extents: readonly Extent[]): number => extents.reduce((sum, { length }) => sum + length, 0);

/** Sorts and joins extents that overlap or touch. Accepts any order and duplicates, as CBT answers give them. */
export function merge(extents: readonly Extent[]): Extent[] {
  const sorted = extents.filter(({ length }) => length > 0).sort((a, b) => a.offset - b.offset);
  const merged: Extent[] = [];
  for (const extent of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && extent.offset <= endOf(last)) {
      merged[merged.length - 1] = { offset: last.offset, length: Math.max(endOf(last), endOf(extent)) - last.offset };
    } else {
      merged.push({ offset: extent.offset, length: extent.length });
    }
  }
  return merged;
}

/** The parts of `extents` inside `window`. */
export function clip(extents: readonly Extent[], window: Extent): Extent[] {
  const clipped: Extent[] = [];
  for (const extent of extents) {
    const offset = Math.max(extent.offset, window.offset);
    const length = Math.min(endOf(extent), endOf(window)) - offset;
    if (length > 0) clipped.push({ offset, length });
  }
  return clipped;
}

/** Grows each extent outward to multiples of `unit`, inside [0, capacity), and joins what then touches. */
export function alignOutward(extents: readonly Extent[], unit: number, capacity: number): Extent[] {
  return merge(
    extents.map((extent) => {
      const offset = Math.floor(extent.offset / unit) * unit;
      const end = Math.min(Math.ceil(endOf(extent) / unit) * unit, capacity);
      return { offset, length: end - offset };
    }),
  );
}

export const union = (a: readonly Extent[], b: readonly Extent[]): Extent[] => merge([...a, ...b]);

/** What is in `a` and not in `b`. Both sorted and disjoint. */
export function subtract(a: readonly Extent[], b: readonly Extent[]): Extent[] {
  const rest: Extent[] = [];
  let skip = 0;
  for (const extent of a) {
    let offset = extent.offset;
    while (skip < b.length && endOf(b[skip]!) <= offset) skip++;
    for (let i = skip; i < b.length && b[i]!.offset < endOf(extent); i++) {
      if (b[i]!.offset > offset) rest.push({ offset, length: b[i]!.offset - offset });
      offset = Math.max(offset, endOf(b[i]!));
    }
    if (offset < endOf(extent)) rest.push({ offset, length: endOf(extent) - offset });
  }
  return rest;
}

export const intersect = (a: readonly Extent[], b: readonly Extent[]): Extent[] => subtract(a, subtract(a, b));

/**
 * Cuts extents into batches of at most `bytesMax` bytes each, in disk order; an extent is split where a batch is full.
 * Each batch says up to which offset the disk is done when it is copied.
 */
export function batches(extents: readonly Extent[], bytesMax: number): { extents: Extent[]; end: number }[] {
  const result: { extents: Extent[]; end: number }[] = [];
  let current: Extent[] = [];
  let room = bytesMax;
  for (let { offset, length } of extents) {
    while (length > 0) {
      const part = Math.min(length, room);
      current.push({ offset, length: part });
      offset += part;
      length -= part;
      room -= part;
      if (room === 0) {
        result.push({ extents: current, end: offset });
        current = [];
        room = bytesMax;
      }
    }
  }
  if (current.length > 0) result.push({ extents: current, end: endOf(current.at(-1)!) });
  return result;
}
