import { own } from '../../model/own.js';
import { fieldName } from '../base/field-name.js';
import { nearest } from '../base/nearest.js';
import { oneOf, problem, quoted } from '../base/problem.js';
import { forms } from '../schema/forms.js';
import { type Explain, exampleOf, knownFields, type Mismatch, tagValues } from './mismatch.js';

export const unknownField: Explain = (mismatch, { located }) => {
  const field = String(mismatch.params['additionalProperty']);
  const path = [...mismatch.path, field];
  const at = located.keyRangeOf(path);
  const where = fieldName(mismatch.path) || 'the document';
  if (field === '<<') {
    const nextSteps = ['Put what manifests share into spec.defaults of the Project, or write the fields themselves'];
    return problem('MP1002', at, { detail: 'merge keys (<<) are not part of YAML 1.2 and are not read', nextSteps });
  }
  const known = knownFields(mismatch);
  const meant = nearest(field, known);
  return problem('MP1002', at, {
    detail: `${where} has no field ${quoted(field)}`,
    nextSteps: [
      ...(meant ? [`Did you mean ${meant}?`] : []),
      known.length === 0 ? `Remove ${field}` : `Fields of ${where}: ${known.join(', ')}`,
    ],
  });
};

export const missingField: Explain = ({ path, params, schema }, { located, merged }) => {
  const field = String(params['missingProperty']);
  const full = [...path, field];
  const properties = schema['properties'] as Readonly<Record<string, Mismatch['schema']>> | undefined;
  const meaning = own(properties ?? {}, field);
  const first = String(meaning?.['description'] ?? '').split(/\. |\.$/)[0];
  const kinds =
    schema['discriminator'] === undefined ? undefined : oneOf(tagValues(schema, field).map((kind) => `${field}: ${kind}`));
  const add = kinds === undefined ? `Add ${fieldName(full)}${exampleOf(schema, field)}` : `Add ${kinds}`;
  return problem('MP1003', located.keyRangeOf(path), {
    detail: `${fieldName(full)} is missing${first ? ` (${first[0]!.toLowerCase()}${first.slice(1)})` : ''}`,
    nextSteps: [merged ? `${add} (here, or for all manifests in spec.defaults of the Project)` : add],
  });
};

export const wrongKey: Explain = ({ path, params, schema }, { located }) => {
  const key = String(params['propertyName']);
  const names = schema['propertyNames'] as Readonly<Record<string, unknown>>;
  return problem('MP1018', located.keyRangeOf([...path, key]), {
    detail: `${quoted(key)} cannot be a name in ${fieldName(path)}`,
    nextSteps: [
      names['pattern'] === forms.variable.pattern
        ? `Start with a letter and go on with letters, digits or underscores, at most ${names['maxLength']} in all`
        : `Start with a letter or digit and go on with letters, digits, dots, dashes or underscores, at most ${names['maxLength']} in all`,
    ],
  });
};

export const exactlyOne: Explain = ({ path, schema, value }, { located }) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const names = (schema['oneOf'] as readonly { required?: readonly string[] }[]).flatMap(({ required }) => required ?? []);
  const given = names.filter((name) => Object.hasOwn(value, name));
  const told = given.length === 0 ? 'has none' : `has ${given.join(' and ')}`;
  const at = given.length > 1 ? located.keyRangeOf([...path, given[1]!]) : located.keyRangeOf(path);
  return problem(given.length === 0 ? 'MP1003' : 'MP1018', at, {
    detail: `${fieldName(path)} must have exactly one of ${oneOf(names)}, and ${told}`,
    nextSteps: [
      given.length === 0
        ? `Add one of them to ${fieldName(path)}${exampleOf(schema, names[0]!)}`
        : `Keep one and remove ${given.slice(1).join(' and ')}`,
    ],
  });
};

export const windowNeeds: Explain = ({ path, params }, { located }) => {
  const field = String(params['property']);
  const missing = String(params['missingProperty']);
  return problem('MP1003', located.keyRangeOf([...path, field]), {
    detail: `${fieldName(path)} has ${field} without ${missing}`,
    nextSteps: ['Give start and end, or cron, duration and timezone'],
  });
};

export const windowBoth: Explain = ({ path }, { located }) =>
  problem('MP1018', located.keyRangeOf([...path, 'cron']), {
    detail: `${fieldName(path)} has both start and cron`,
    nextSteps: ['Keep start and end for one time span, or cron, duration and timezone for a repeating one'],
  });
