import type { Secret } from '../../../host/secret.js';
import type { dataTypes } from './data-types.js';
import type { faultTypes } from './fault-types.js';
import type { MethodRow } from './notation.js';

/** A managed object reference: kind and id, unique within one vCenter. */
export interface Moref {
  readonly type: string;
  readonly value: string;
}

/** How XML text becomes a value. Longs beyond 2^53 stay exact as bigint. */
export interface Scalars {
  readonly string: string;
  readonly boolean: boolean;
  readonly int: number;
  readonly long: number | bigint;
  /** RFC 3339, as it came. */
  readonly dateTime: string;
  readonly anyType: unknown;
  readonly moref: Moref;
  /** A string of a request that must not pass through anything that keeps or logs requests. */
  readonly secret: Secret;
}

type Rows = typeof dataTypes & typeof faultTypes;
export type TypeName = keyof Rows;

type Plain<T> = T extends keyof Scalars ? Scalars[T] : T extends TypeName ? Vim<T> : never;

type FieldsOf<F> = {
  readonly [K in keyof F as F[K] extends `${string}?` ? never : K]: F[K] extends `${infer T}*`
    ? readonly Plain<T>[]
    : Plain<F[K]>;
} & {
  readonly [K in keyof F as F[K] extends `${string}?` ? K : never]?: F[K] extends `${infer T}?` ? Plain<T> : never;
};

type BaseOf<Row> = Row extends { readonly base: infer B } ? (B extends TypeName ? Vim<B> : unknown) : unknown;

/** A data object of vim25 as decoded. `$type` is its real type, which may be a subtype of `Name` or one we do not know. */
export type Vim<Name extends TypeName> = { readonly $type: string } & FieldsOf<Rows[Name]['fields']> & BaseOf<Rows[Name]>;

type SentFields<F> = {
  readonly [K in keyof F as F[K] extends `${string}?` | `${string}*` ? never : K]: SentPlain<F[K]>;
} & {
  readonly [K in keyof F as F[K] extends `${string}?` | `${string}*` ? K : never]?: F[K] extends `${infer T}*`
    ? readonly SentPlain<T>[]
    : F[K] extends `${infer T}?`
      ? SentPlain<T>
      : never;
};
type SentPlain<T> = T extends keyof Scalars ? Scalars[T] : T extends TypeName ? Sent<T> : never;
type SentBase<Row> = Row extends { readonly base: infer B } ? (B extends TypeName ? Sent<B> : unknown) : unknown;

/** What a request carries for a data object. `$type`, set by `subtype()`, names the real type where a base is declared. */
export type Sent<Name extends TypeName> = { readonly $type?: string } & SentFields<Rows[Name]['fields']> & SentBase<Rows[Name]>;

export type SentArguments<Row extends MethodRow> = SentFields<Row['arguments']>;

export type Returned<Row extends MethodRow> = Row['returns'] extends 'void'
  ? undefined
  : Row['returns'] extends `${infer T}*`
    ? readonly Plain<T>[]
    : Row['returns'] extends `${infer T}?`
      ? Plain<T> | undefined
      : Plain<Row['returns']>;
