/** `*` stands for any text; the whole name must match. The time grows with the product of both lengths at most. */
export function nameMatcher(pattern: string): (name: string) => boolean {
  return (name) => {
    // Where the last `*` stands, and how much of the name it has taken so far.
    let [at, star, taken] = [0, -1, 0];
    for (let index = 0; index < name.length; ) {
      if (pattern[at] === '*') [star, taken, at] = [at, index, at + 1];
      else if (pattern[at] === name[index]) [at, index] = [at + 1, index + 1];
      else if (star >= 0) [at, taken, index] = [star + 1, taken + 1, taken + 1];
      else return false;
    }
    return /^\**$/.test(pattern.slice(at));
  };
}
