import type { Diagnostic } from '../diag/diagnostic.js';
import { own } from '../model/own.js';
import type { LocatedDocument, Path } from './base/located.js';
import { isPlain } from './base/merge-patch.js';
import { unknownField } from './explain/explain-fields.js';
import { wrongType } from './explain/explain-value.js';
import type { Mismatch } from './explain/mismatch.js';
import { overlaySchema } from './schema/overlay-schema.js';
import type { JsonSchema } from './schema/shape.js';

type Properties = Readonly<Record<string, JsonSchema>>;

interface Place {
  readonly path: Path;
  /** The Project, as far as it has the path. */
  readonly base: unknown;
}

/**
 * What an overlay says in vain, as nothing of it is left when it is merged: null for what there is not, and something else than a mapping
 * where it is only looked into. All the rest is judged with what it is merged over.
 */
export const lostInOverlay = (overlay: LocatedDocument, project: LocatedDocument | undefined): Diagnostic[] =>
  lost(overlay.value, overlaySchema(), { path: [], base: project?.value }).flatMap((mismatch) => {
    const explain = mismatch.keyword === 'type' ? wrongType : unknownField;
    return explain(mismatch, { located: overlay, merged: false });
  });

function lost(value: unknown, schema: JsonSchema, place: Place): Mismatch[] {
  if (isPlain(value)) return Object.entries(value).flatMap(([name, inner]) => lostAt(name, inner, withFields(schema), place));
  // What is merged may be null, too; this is not.
  return schema['type'] === 'object' ? [{ keyword: 'type', path: place.path, schema, value, params: { type: 'object' } }] : [];
}

function lostAt(name: string, value: unknown, schema: JsonSchema, { path, base }: Place): Mismatch[] {
  const others = schema['additionalProperties'];
  const field = own((schema['properties'] ?? {}) as Properties, name);
  const inside = { path: [...path, name], base: own(isPlain(base) ? base : {}, name) };
  if (field !== undefined) return lost(value, field, inside);
  if (value === null && others === false) return [unknown(name, schema, path)];
  if (!isPlain(others)) return [];
  const isGone = value === null && inside.base === undefined && !ofMigrations(path);
  return isGone ? [unknown(name, { properties: isPlain(base) ? base : {} }, path)] : lost(value, others, inside);
}

/** What these are merged over stands in files that are not read yet. */
const ofMigrations = (path: Path): boolean => path[1] === 'migrations';

const unknown = (name: string, schema: JsonSchema, path: Path): Mismatch => ({
  keyword: 'additionalProperties',
  path,
  schema,
  value: null,
  params: { additionalProperty: name },
});

/** With the fields of all its kinds, when it may be one of several. */
function withFields(schema: JsonSchema): JsonSchema {
  const kinds = schema['anyOf'] as readonly JsonSchema[] | undefined;
  if (kinds === undefined) return schema;
  return { additionalProperties: false, properties: Object.assign({}, ...kinds.map((kind) => kind['properties'])) };
}
