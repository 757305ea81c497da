/**
 * The notation of the type tables. A field is written `name: 'type'`, `'type?'` when it may be missing and `'type*'` when
 * it is a list. Fields stand in wire order, and those of the base come first: vCenter refuses, or silently drops,
 * elements that are out of order. Only what migplan sends or reads is listed.
 */
interface TypeRow {
  readonly base?: string;
  readonly fields: Readonly<Record<string, string>>;
}

export type TypeTable = Readonly<Record<string, TypeRow>>;

/** One operation: arguments after `_this` in wire order, and what it returns. */
export interface MethodRow {
  readonly arguments: Readonly<Record<string, string>>;
  /** 'void', or a field notation as above. */
  readonly returns: string;
}

/** `VirtualDevice*` as its parts. */
export interface FieldNotation {
  readonly type: string;
  readonly many: boolean;
  readonly optional: boolean;
}

export function readNotation(notation: string): FieldNotation {
  const suffix = notation.at(-1);
  const type = suffix === '?' || suffix === '*' ? notation.slice(0, -1) : notation;
  return { type, many: suffix === '*', optional: suffix === '?' };
}
