/**
 * The one way to look up a name that came from outside (a manifest, a cloud, a vCenter, a file): `table[name]` also finds
 * `constructor`, `toString` and all else that every object has.
 */
export const own = <T>(table: { readonly [name: string]: T | undefined }, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
