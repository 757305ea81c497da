/**
 * The member of a record under this name: under the very name, else under the only one that is the same text in another
 * Unicode form (`ü` may be one character or two). Never what every object inherits.
 */
export function byName<T>(names: Readonly<Record<string, T>>, wanted: string): T | undefined {
  const key = sameName(Object.keys(names), wanted);
  return key === undefined ? undefined : names[key];
}

/** The one of `names` that is meant. Undefined when none is, or when several look alike. */
export function sameName(names: readonly string[], wanted: string): string | undefined {
  if (names.includes(wanted)) return wanted;
  const alike = names.filter((name) => looksLike(name, wanted));
  return alike.length === 1 ? alike[0] : undefined;
}

/** Those called so: by the very name, else all whose name is the same text in another Unicode form. */
export function withName<T>(candidates: readonly T[], wanted: string, nameOf: (candidate: T) => string | undefined): T[] {
  const exact = candidates.filter((candidate) => nameOf(candidate) === wanted);
  return exact.length > 0 ? exact : candidates.filter((candidate) => looksLike(nameOf(candidate) ?? '', wanted));
}

/** The same text to the eye, whatever Unicode form each is written in. */
export const looksLike = (a: string, b: string): boolean => a.normalize('NFC') === b.normalize('NFC');
