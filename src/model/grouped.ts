/** The values of each key, in their order. */
export function grouped<K, V>(values: Iterable<V>, keysOf: (value: V) => readonly K[]): ReadonlyMap<K, readonly V[]> {
  const groups = new Map<K, V[]>();
  for (const value of values) for (const key of keysOf(value)) pushTo(groups, key, value);
  return groups;
}

/** Adds to the values of a key. */
export function pushTo<K, V>(groups: Map<K, V[]>, key: K, value: V): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [value]);
  else group.push(value);
}
