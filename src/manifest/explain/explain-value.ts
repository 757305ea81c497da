import type { Diagnostic } from '../../diag/diagnostic.js';
import { own } from '../../model/own.js';
import { asLine, fieldName, lastName } from '../base/field-name.js';
import type { Located } from '../base/located.js';
import { nearest } from '../base/nearest.js';
import { oneOf, problem, shown } from '../base/problem.js';
import { repairForm } from '../schema/forms.js';
import { article, type Explain, example, found, isSecret, knownFields, type Mismatch, tagValues } from './mismatch.js';

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'a mapping with fields',
  array: 'a list',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
};

export const wrongType: Explain = (mismatch, { located }) => {
  const { path, value, params } = mismatch;
  const types = [params['type']].flat().map(String);
  const at = value === null ? located.keyRangeOf(path) : located.rangeOf(path);
  if (types.includes('boolean') && !types.includes('string')) return notBoolean(mismatch, located);
  const wanted = wantedOf(mismatch, types);
  return problem('MP1004', at, {
    detail:
      value === null && path.length > 0
        ? `${fieldName(path)} has no value, and must be ${wanted}`
        : `${fieldName(path) || 'the document'} must be ${wanted}, found ${found(mismatch)}`,
    nextSteps: [howToWrite(mismatch, types)],
  });
};

/** null only takes a default away: it is not offered. */
const wordsOf = (allowed: unknown): string[] =>
  (allowed as readonly (string | null)[]).filter((word): word is string => word !== null);

function wantedOf({ schema }: Mismatch, types: readonly string[]): string {
  const allowed = schema['enum'] ?? (schema['const'] === undefined ? undefined : [schema['const']]);
  if (allowed !== undefined) return oneOf(wordsOf(allowed));
  if (typeof schema['title'] === 'string' && types.includes('string')) return article(schema['title']);
  return oneOf(types.filter((type) => type !== 'null').map((type) => own<string>(typeNames, type) ?? type));
}

function howToWrite(mismatch: Mismatch, types: readonly string[]): string {
  const name = lastName(mismatch.path);
  const { schema, value } = mismatch;
  const put = (text: string) => asLine(mismatch.path, text);
  if (isSecret(mismatch)) return `Write for example: ${put(example(mismatch)!)}`;
  if (value === null && mismatch.path.length > 0) return `Give ${name} a value, or remove the line`;
  if (types.includes('string') && (typeof value === 'number' || typeof value === 'boolean')) {
    const allowed = schema['enum'];
    if (allowed) return `Write ${oneOf(wordsOf(allowed).map((word) => put(word)))}`;
    return schema['pattern'] === undefined || new RegExp(String(schema['pattern'])).test(String(value))
      ? `Write: ${put(`"${value}"`)}`
      : `Write for example: ${put(example(mismatch) ?? 'text')}`;
  }
  if (types.includes('array')) return `Write: ${put(`[${typeof value === 'string' ? value.slice(0, 40) : '...'}]`)}`;
  if (types.includes('object')) return howToWriteMapping(name, knownFields(mismatch));
  if (types.includes('integer')) return `Write for example: ${put(String(schema['default'] ?? schema['minimum']))}`;
  return `Write for example: ${put(example(mismatch) ?? 'text')}`;
}

/** One without fields that are known has names of the user's choice. */
const howToWriteMapping = (name: string, fields: readonly string[]): string =>
  fields.length === 0
    ? `Write the entries of ${name} on lines of their own, indented: NAME: VALUE`
    : `Write the fields of ${name} on lines of their own, indented: ${fields.join(', ')}`;

function notBoolean({ path, value }: Mismatch, located: Located): Diagnostic {
  const name = lastName(path);
  const word = String(value).toLowerCase();
  const meant = ['yes', 'y', 'on', 'true', '1'].includes(word)
    ? 'true'
    : ['no', 'n', 'off', 'false', '0'].includes(word)
      ? 'false'
      : undefined;
  const why = typeof value === 'string' && meant !== undefined ? ' (YAML 1.2)' : '';
  return problem('MP1007', value === null ? located.keyRangeOf(path) : located.rangeOf(path), {
    detail: `${fieldName(path)} must be true or false, found ${shown(value)}${why}`,
    nextSteps: [meant ? `Write: ${name}: ${meant}` : `Write ${name}: true or ${name}: false`],
  });
}

export const notAllowed: Explain = (mismatch, { located }) => {
  const { path, schema, params, value, keyword } = mismatch;
  const tag = keyword === 'discriminator' ? String(params['tag']) : undefined;
  const allowed = tag === undefined ? wordsOf(params['allowedValues'] ?? [params['allowedValue']]) : tagValues(schema, tag);
  const full = tag === undefined ? path : [...path, tag];
  const given = tag === undefined ? value : params['tagValue'];
  const meant = typeof given === 'string' ? nearest(given, allowed) : undefined;
  // A value of another type is told by the type keyword.
  if (keyword !== 'discriminator' && typeof given !== 'string') return [];
  return problem('MP1005', located.rangeOf(full), {
    detail: `${fieldName(full)} is ${shown(given).replace(/^the text /, '')}, and must be ${oneOf(allowed)}`,
    nextSteps: [
      meant
        ? `Did you mean ${meant}? Write: ${lastName(full)}: ${meant}`
        : `Write ${oneOf(allowed.map((word) => `${lastName(full)}: ${word}`))}`,
    ],
  });
};

export const wrongForm: Explain = (mismatch, { located }) => {
  const { path, schema, value } = mismatch;
  // Emptiness is told by minLength.
  if (value === '') return [];
  const title = String(schema['title'] ?? 'text in its form');
  const repaired = typeof value === 'string' && !isSecret(mismatch) ? repairForm(title, value) : undefined;
  const put = (text: string) => asLine(path, text);
  const examples = (schema['examples'] as readonly string[] | undefined) ?? [];
  return problem('MP1018', located.rangeOf(path), {
    detail: `${fieldName(path)} must be ${article(title)}, found ${found(mismatch)}`,
    nextSteps: [repaired ? `Write: ${put(repaired)}` : `Write for example: ${oneOf(examples.map(put))}`],
  });
};

export const outOfBounds: Explain = ({ path, schema, value }, { located }) =>
  problem('MP1018', located.rangeOf(path), {
    detail: `${fieldName(path)} must be from ${schema['minimum']} to ${schema['maximum']}, found ${shown(value)}`,
    nextSteps: [`Write for example: ${lastName(path)}: ${schema['default'] ?? schema['minimum']}`],
  });

export const wrongLength: Explain = (mismatch, { located }) => {
  const { path, schema, keyword } = mismatch;
  const empty = keyword === 'minLength' || keyword === 'minItems' || keyword === 'minProperties';
  return problem('MP1018', located.rangeOf(path), {
    detail: empty ? `${fieldName(path)} is empty` : `${fieldName(path)} is longer than ${schema['maxLength']} characters`,
    nextSteps: [empty ? `Give ${lastName(path)} a value, or remove it` : 'Make it shorter'],
  });
};
