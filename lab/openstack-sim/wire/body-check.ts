import { badRequest, isObject, type JsonObject } from './message.js';
import { pythonRepr, pythonText } from './python-text.js';

/**
 * Checks of request bodies with the texts of jsonschema as Cinder and Nova relay them:
 * `Invalid input for field/attribute size. Value: 0. 0 is less than the minimum of 1`.
 */
export const invalidField = (field: string, value: unknown, complaint: string) =>
  badRequest(`Invalid input for field/attribute ${field}. Value: ${pythonText(value)}. ${complaint}`);

/** The object under `key`, or 400. */
export function objectIn(body: unknown, key: string): JsonObject {
  if (!isObject(body) || !(key in body)) throw badRequest(`'${key}' is a required property`);
  const value = body[key];
  if (!isObject(value)) throw invalidField(key, value, `${pythonRepr(value)} is not of type 'object'`);
  return value;
}

/** A required property of the object found under `field`. */
export function requiredIn(object: JsonObject, field: string, key: string): unknown {
  if (!(key in object)) throw invalidField(field, object, `'${key}' is a required property`);
  return object[key];
}

/** A string, or undefined when the key is absent or null. */
export function optionalText(object: JsonObject, key: string, lengthMax = 255): string | undefined {
  const value = object[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalidField(key, value, `${pythonRepr(value)} is not of type 'string', 'null'`);
  if (characters(value) > lengthMax) throw invalidField(key, value, `${pythonRepr(value)} is too long`);
  return value;
}

/** Length as Python counts it: code points. */
export const characters = (text: string): number => [...text].length;

/** Whether a utf8mb3 column refuses the text: it has characters beyond the basic multilingual plane. */
export const needsFourBytes = (text: string): boolean => /[\u{10000}-\u{10FFFF}]/u.test(text);
