import { pushTo } from './grouped.js';

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

/** What is looked up by its name many times. */
export class NameIndex<T> {
  private readonly exact: ReadonlyMap<string, readonly T[]>;
  private readonly alike: ReadonlyMap<string, readonly T[]>;

  constructor(candidates: Iterable<T>, nameOf: (candidate: T) => string | undefined) {
    const named = [...candidates].map((candidate) => ({ candidate, name: nameOf(candidate) }));
    this.exact = valuesOf(named, ({ name }) => name);
    this.alike = valuesOf(named, ({ name = '' }) => toTheEye(name));
  }

  /** Those that are written so. */
  exactly(wanted: string): readonly T[] {
    return this.exact.get(wanted) ?? [];
  }

  /** Those called so: by the very name, else all whose name is the same text in another Unicode form. */
  named(wanted: string): readonly T[] {
    return this.exact.get(wanted) ?? this.alike.get(toTheEye(wanted)) ?? [];
  }
}

interface Candidate<T> {
  readonly candidate: T;
  readonly name: string | undefined;
}

function valuesOf<T>(named: readonly Candidate<T>[], keyOf: (one: Candidate<T>) => string | undefined) {
  const groups = new Map<string, T[]>();
  for (const one of named) {
    const key = keyOf(one);
    if (key !== undefined) pushTo(groups, key, one.candidate);
  }
  return groups;
}

/** The same text to the eye, whatever Unicode form each is written in. */
export const looksLike = (a: string, b: string): boolean => toTheEye(a) === toTheEye(b);

const toTheEye = (text: string): string => text.normalize('NFC');
