import type { SourceRange } from '../../diag/source-range.js';
import type { Located, Path } from './located.js';

/** The places of all fields of a value, by dotted path; list items by their number. `''` is the whole. */
export function rangesOf(value: unknown, located: Located): Record<string, SourceRange> {
  const ranges = new Map<string, SourceRange>();
  const visit = (node: unknown, path: Path): void => {
    ranges.set(path.join('.'), located.rangeOf(path));
    if (typeof node !== 'object' || node === null) return;
    for (const [key, inner] of Object.entries(node)) visit(inner, [...path, key]);
  };
  visit(value, []);
  return Object.fromEntries(ranges);
}
