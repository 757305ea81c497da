import { TransportFailure } from './soap/failure.js';
import { isSubtype, typePlan } from './soap/type-plans.js';
import type { Moref, TypeName, Vim } from './wsdl/vim.js';

/** Whether a decoded data object is of this type, or of one that comes from it. */
export const isA = <Name extends TypeName>(value: { readonly $type: string } | undefined, type: Name): value is Vim<Name> =>
  value !== undefined && isSubtype(value.$type, type);

const CALL = 'RetrievePropertiesEx';

/**
 * Property values of one managed object, by path. The wire says what type each value is; reading one as another type is
 * refused instead of believed. undefined: unset, or not readable now.
 */
export class Properties {
  constructor(
    readonly ref: Moref,
    private readonly values: ReadonlyMap<string, unknown>,
    /** Paths of those that the account may not read, of those that it need not. */
    readonly unreadable: readonly string[] = [],
  ) {}

  text(path: string): string | undefined {
    return this.expect(path, (value): value is string => typeof value === 'string');
  }

  flag(path: string): boolean | undefined {
    return this.expect(path, (value): value is boolean => typeof value === 'boolean');
  }

  count(path: string): number | undefined {
    return this.expect(path, (value): value is number => typeof value === 'number');
  }

  object<Name extends TypeName>(path: string, type: Name): Vim<Name> | undefined {
    return this.expect(path, (value): value is Vim<Name> => isDataObject(value) && isA(value, type));
  }

  /** Members of a type that is newer than our tables are decoded as the declared one, and welcome. */
  list<Name extends TypeName>(path: string, type: Name): readonly Vim<Name>[] {
    const isMember = (item: unknown): boolean => isDataObject(item) && (isA(item, type) || typePlan(item.$type) === undefined);
    const isList = (value: unknown): value is readonly Vim<Name>[] => Array.isArray(value) && value.every(isMember);
    return this.expect(path, isList) ?? [];
  }

  morefs(path: string): readonly Moref[] {
    const isList = (value: unknown): value is readonly Moref[] => Array.isArray(value) && value.every(isMoref);
    return this.expect(path, isList) ?? [];
  }

  moref(path: string): Moref | undefined {
    return this.expect(path, isMoref);
  }

  texts(path: string): readonly string[] {
    const isList = (value: unknown): value is readonly string[] =>
      Array.isArray(value) && value.every((item) => typeof item === 'string');
    return this.expect(path, isList) ?? [];
  }

  /** Of whatever type the wire says. */
  value(path: string): unknown {
    return this.values.get(path);
  }

  has(path: string): boolean {
    return this.values.get(path) !== undefined;
  }

  private expect<T>(path: string, test: (value: unknown) => value is T): T | undefined {
    const value = this.values.get(path);
    if (value === undefined || test(value)) return value;
    throw new TransportFailure('unreadable', CALL, `${path} of ${this.ref.value} has an unexpected type`);
  }
}

const isDataObject = (value: unknown): value is { readonly $type: string } =>
  typeof value === 'object' && value !== null && typeof (value as { $type?: unknown }).$type === 'string';

const isMoref = (value: unknown): value is Moref =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Moref).type === 'string' &&
  typeof (value as Moref).value === 'string';
