export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

type Path = (string | number)[];

/** Paths of all leaves, and of all objects. */
export function walk(value: Json, path: readonly (string | number)[] = []): { leaves: Path[]; objects: Path[] } {
  if (typeof value !== 'object' || value === null) return { leaves: [[...path]], objects: [] };
  const inside = Object.entries(value).map(([key, child]) => walk(child, [...path, Array.isArray(value) ? Number(key) : key]));
  return {
    leaves: inside.flatMap(({ leaves }) => leaves),
    objects: [...(Array.isArray(value) ? [] : [[...path]]), ...inside.flatMap(({ objects }) => objects)],
  };
}

export const parentOf = (root: Json, path: readonly (string | number)[]): Record<string | number, Json> =>
  path.slice(0, -1).reduce<Json>((node, key) => (node as Record<string | number, Json>)[key]!, root) as never;

export function flipped(value: Json): Json {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  return typeof value === 'string' ? `${value}x` : 'x';
}

/** A copy that differs in this one leaf. */
export function withFlipped<T>(value: T, path: readonly (string | number)[]): T {
  const copy = structuredClone(value);
  const parent = parentOf(copy as Json, path);
  const key = path.at(-1)!;
  parent[key] = flipped(parent[key]!);
  return copy;
}
