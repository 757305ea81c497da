import type { ErrorObject } from 'ajv';
import { type Diagnostic, invariant } from '../../diag/diagnostic.js';
import type { Located } from '../base/located.js';
import { explainShapeErrors } from './explain-shape.js';
import { validators } from './validators.js';

/** Whether a value has the shape its schema tells; every difference is told in our own words, where it stands. */
export function checkShape(schema: keyof typeof validators, value: unknown, located: Located): Diagnostic[] {
  const validate = validators[schema];
  if (validate(value)) return [];
  const told = explainShapeErrors((validate.errors ?? []) as ErrorObject[], { located, merged: schema === 'resolved' });
  invariant(told.length > 0, `what is wrong with a ${schema} document has no words: ${validate.errors?.[0]?.schemaPath}`);
  return told;
}
