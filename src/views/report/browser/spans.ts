/** From and to, in seconds since 1970. */
export type Span = readonly [begin: number, end: number];

const PIXELS_MIN = 2;

/** As wide as can be seen on an axis of so many pixels, and within it. */
export function seen([begin, end]: Span, [from, to]: Span, pixels: number): Span {
  const least = (Math.max(to - from, 1) * PIXELS_MIN) / Math.max(pixels, 1);
  const start = Math.max(from, Math.min(begin, to - least));
  return [start, Math.max(end, start + least)];
}
