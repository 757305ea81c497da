import type { ErrorObject } from 'ajv';
import type { Diagnostic } from '../../diag/diagnostic.js';
import { own } from '../../model/own.js';
import type { Located, Path } from '../base/located.js';
import { shown } from '../base/problem.js';

export interface Context {
  readonly located: Located;
  /** The value is a Migration with defaults merged in. */
  readonly merged: boolean;
}

/** One Ajv error, taken apart. */
export interface Mismatch {
  readonly keyword: string;
  readonly path: Path;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly value: unknown;
  readonly params: Readonly<Record<string, unknown>>;
}

export type Explain = (mismatch: Mismatch, context: Context) => Diagnostic | readonly Diagnostic[];

export const takeApart = (error: ErrorObject): Mismatch => ({
  keyword: error.keyword,
  path: error.instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~')),
  schema: (error.parentSchema ?? {}) as Mismatch['schema'],
  value: error.data,
  params: error.params as Mismatch['params'],
});

export const knownFields = ({ schema }: Mismatch): string[] => Object.keys((schema['properties'] ?? {}) as object);

export const isSecret = ({ schema }: Mismatch): boolean => schema['writeOnly'] === true;
export const found = (mismatch: Mismatch): string =>
  isSecret(mismatch) ? 'something else (not shown, it may be the secret itself)' : shown(mismatch.value);
export const example = ({ schema }: Mismatch): string | undefined => {
  const first =
    (schema['examples'] as readonly unknown[] | undefined)?.[0] ?? (schema['enum'] as readonly unknown[] | undefined)?.[0];
  return typeof first === 'string' ? first : undefined;
};

export function article(title: string): string {
  return `${/^[aeio]/i.test(title) ? 'an' : 'a'} ${title}`;
}

export const tagValues = (schema: Mismatch['schema'], tag: string): string[] =>
  (schema['oneOf'] as readonly { properties: Record<string, { const: string }> }[]).map(
    ({ properties }) => own(properties, tag)!.const,
  );

/** `, for example: vm: /DC1/vm/erp/erp-db01`, or nothing when the field has no example. */
export function exampleOf(schema: Mismatch['schema'], field: string): string {
  const properties = schema['properties'] as Readonly<Record<string, Mismatch['schema']>> | undefined;
  const meaning = own(properties ?? {}, field);
  const sample = meaning?.['const'] ?? (meaning?.['examples'] as readonly unknown[] | undefined)?.[0];
  if (Array.isArray(sample)) return `, for example: ${field}: [${sample.join(', ')}]`;
  return sample === undefined || typeof sample === 'object' ? '' : `, for example: ${field}: ${sample}`;
}
