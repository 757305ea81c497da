import type { ErrorObject } from 'ajv';
import type { Diagnostic } from '../../diag/diagnostic.js';
import { own } from '../../model/own.js';
import { fieldName } from '../base/field-name.js';
import type { Path } from '../base/located.js';
import { nearest } from '../base/nearest.js';
import { problem, shown } from '../base/problem.js';
import { exactlyOne, missingField, unknownField, windowBoth, windowNeeds, wrongKey } from './explain-fields.js';
import { notAllowed, outOfBounds, wrongForm, wrongLength, wrongType } from './explain-value.js';
import { type Context, type Explain, knownFields, type Mismatch, takeApart } from './mismatch.js';

/** Ajv's errors in our own words, each where it stands. */
export function explainShapeErrors(errors: readonly ErrorObject[], context: Context): Diagnostic[] {
  const mismatches = errors.filter(isOwnError).map(takeApart);
  const misspelt = new Set(mismatches.map(intendedField).filter((field) => field !== undefined));
  const mixed = new Set(mismatches.filter(({ keyword }) => keyword === 'not').map(({ path }) => fieldName(path)));
  return mismatches
    .filter(({ keyword, path, params }) => keyword !== 'required' || !misspelt.has(fieldKey(path, params['missingProperty'])))
    .filter(({ keyword, path }) => keyword !== 'dependencies' || !mixed.has(fieldName(path)))
    .flatMap((mismatch) => (own(explanations, mismatch.keyword) ?? unexplained)(mismatch, context));
}

/** Errors that only say why a branch of another error failed are left out. A branch over names has no fields of its own. */
function isOwnError({ keyword, params, parentSchema, propertyName }: ErrorObject): boolean {
  if (propertyName !== undefined && keyword !== 'propertyNames') return false;
  if (keyword === 'discriminator') {
    const { error, tagValue } = params as { error?: string; tagValue?: unknown };
    // Without a tag at all, `required` tells it.
    return error === 'mapping' || tagValue !== undefined;
  }
  return keyword !== 'required' || ['properties', 'discriminator'].some((name) => Object.hasOwn(parentSchema ?? {}, name));
}

const fieldKey = (path: Path, field: unknown): string => JSON.stringify([path, field]);

function intendedField(mismatch: Mismatch): string | undefined {
  if (mismatch.keyword !== 'additionalProperties') return undefined;
  const meant = nearest(String(mismatch.params['additionalProperty']), knownFields(mismatch));
  return meant && fieldKey(mismatch.path, meant);
}

const explanations: Readonly<Record<string, Explain>> = {
  type: wrongType,
  additionalProperties: unknownField,
  required: missingField,
  enum: notAllowed,
  const: notAllowed,
  discriminator: notAllowed,
  pattern: wrongForm,
  propertyNames: wrongKey,
  oneOf: exactlyOne,
  minimum: outOfBounds,
  maximum: outOfBounds,
  minLength: wrongLength,
  minItems: wrongLength,
  minProperties: wrongLength,
  maxLength: wrongLength,
  dependencies: windowNeeds,
  not: windowBoth,
};

const unexplained: Explain = ({ path, value }, { located }) =>
  problem('MP1001', located.rangeOf(path), { detail: `${fieldName(path)} cannot be ${shown(value)}` });
