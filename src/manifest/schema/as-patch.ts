import { own } from '../../model/own.js';
import type { JsonSchema } from './shape.js';

type Properties = Readonly<Record<string, JsonSchema>>;

/** What is said of one value, and not of how its fields go together. */
const OF_VALUES = ['title', 'description', 'examples', 'default', 'propertyNames', 'pattern', 'minLength', 'maxLength'] as const;

/**
 * The schema of what may be merged over a value that this schema fits, as JSON Merge Patch (RFC 7386) says: nothing is required, null
 * takes away, a list is given whole. Whether fields go together is seen only when both are merged.
 */
export function asPatch(schema: JsonSchema): JsonSchema {
  const kinds = 'discriminator' in schema ? (schema['oneOf'] as readonly JsonSchema[]) : undefined;
  const properties = kinds === undefined ? (schema['properties'] as Properties | undefined) : propertiesOfAll(kinds);
  if (properties === undefined && schema['additionalProperties'] === undefined) return orNull(schema);
  const others = schema['additionalProperties'];
  return {
    type: withNull(schema['type']),
    ...Object.fromEntries(OF_VALUES.flatMap((name) => (name in schema ? [[name, schema[name]]] : []))),
    ...(properties && { properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, asPatch(one)])) }),
    additionalProperties: typeof others === 'object' && others !== null ? asPatch(others as JsonSchema) : false,
  };
}

/** A value that is replaced whole: as it is, or taken away. */
function orNull(schema: JsonSchema): JsonSchema {
  const { const: constant, enum: words, type, ...rest } = schema;
  const listed = (words as readonly unknown[] | undefined) ?? (constant === undefined ? undefined : [constant]);
  return {
    ...rest,
    ...(type !== undefined && { type: withNull(type) }),
    ...(listed !== undefined && { enum: [...new Set([...listed, null])] }),
  };
}

const withNull = (type: unknown): readonly unknown[] => [...new Set([type, 'null'].flat())];

/** Fields of every kind of a value: which kind it will be is not known from a patch. */
function propertiesOfAll(kinds: readonly JsonSchema[]): Properties {
  const names = [...new Set(kinds.flatMap((kind) => Object.keys(kind['properties'] as Properties)))];
  return Object.fromEntries(
    names.map((name) => [
      name,
      either(
        kinds.flatMap((kind): JsonSchema[] => [own(kind['properties'] as Properties, name)].filter((one) => one !== undefined)),
      ),
    ]),
  );
}

function either(schemas: readonly JsonSchema[]): JsonSchema {
  const distinct = [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()];
  if (distinct.length === 1) return distinct[0]!;
  const constants = distinct.map((schema) => schema['const']);
  if (constants.every((constant) => typeof constant === 'string')) return { type: 'string', enum: constants };
  return { anyOf: distinct.map(asPatch) };
}
