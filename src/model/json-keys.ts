/** A string, or what opens, closes or parts an object or a list. Numbers and words have none of these in them. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],]/g;

/**
 * The first name that an object of a JSON text has twice, however it is spelt; undefined: each has its names once. `JSON.parse`
 * takes the last of them in silence. The text has to be JSON.
 */
export function repeatedKey(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  let isKey = false;
  for (const [token] of json.matchAll(TOKENS)) {
    if (token.startsWith('"')) {
      const name = isKey ? (JSON.parse(token) as string) : undefined;
      if (name !== undefined && open.at(-1)?.has(name) === true) return name;
      if (name !== undefined) open.at(-1)?.add(name);
      isKey = false;
      continue;
    }
    if (token === '{' || token === '[') open.push(token === '{' ? new Set() : undefined);
    if (token === '}' || token === ']') open.pop();
    isKey = token === '{' || (token === ',' && open.at(-1) !== undefined);
  }
  return undefined;
}
