/**
 * Whether a name fits one segment of a pattern with `*` and `?`. Takes time in proportion to the product of both lengths,
 * whatever they hold: a regular expression would try the stars against each other.
 */
export function fitsSegment(name: string, segment: string): boolean {
  if (name.startsWith('.') && !segment.startsWith('.')) return false;
  let [at, from] = [0, 0];
  // Where the last star stands, and what of the name it has taken.
  let [star, taken] = [-1, 0];
  while (at < name.length) {
    const wanted = segment[from];
    if (wanted === '*') {
      [star, taken] = [from, at];
      from++;
    } else if (wanted !== undefined && (wanted === '?' || wanted === name[at])) {
      at++;
      from++;
    } else if (star >= 0) {
      taken++;
      at = taken;
      from = star + 1;
    } else {
      return false;
    }
  }
  while (segment[from] === '*') from++;
  return from === segment.length;
}
