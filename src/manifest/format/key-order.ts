import { type Document, isMap, isPair, isScalar, isSeq, type Pair, type Scalar, type YAMLMap } from 'yaml';
import { own } from '../../model/own.js';
import { type ManifestKind, manifestSchemas } from '../schema/schema.js';
import type { JsonSchema } from '../schema/shape.js';

/** What a value may be: the schema itself, and each of its alternatives. */
type Shapes = readonly JsonSchema[];

const shapesOf = (schema: unknown): JsonSchema[] => {
  if (typeof schema !== 'object' || schema === null) return [];
  const { oneOf } = schema as { oneOf?: unknown };
  return [schema as JsonSchema, ...(Array.isArray(oneOf) ? oneOf.flatMap(shapesOf) : [])];
};

const propertiesOf = (shape: JsonSchema): JsonSchema => (shape['properties'] ?? {}) as JsonSchema;

/** Puts the keys of all mappings that the schema of `kind` knows into its order; others stay behind them, in theirs. */
export function orderKeys(document: Document, kind: ManifestKind): void {
  const top = document.contents;
  const head = headOf(top);
  const comment = head?.commentBefore;
  orderWithin(top, shapesOf(manifestSchemas[kind]));
  const now = headOf(top);
  if (comment == null || head === now || now === undefined) return;
  // What stands at the top of a document is about the document, such as the line that tells editors its schema.
  now.commentBefore = now.commentBefore == null ? comment : `${comment}\n${now.commentBefore}`;
  delete head!.commentBefore;
}

const headOf = (node: unknown): Scalar | undefined => {
  const key = isMap(node) ? node.items[0]?.key : undefined;
  return isScalar(key) ? key : undefined;
};

function orderWithin(node: unknown, shapes: Shapes): void {
  if (isSeq(node)) {
    const items = shapes.flatMap(({ items: each }) => shapesOf(each));
    for (const item of node.items) orderWithin(item, items);
  }
  if (!isMap(node)) return;
  for (const pair of node.items) orderWithin(pair.value, shapesAt(shapes, keyOf(pair)));
  if (node.items.every((pair) => keyOf(pair) !== undefined)) sortPairs(node, shapes);
}

const shapesAt = (shapes: Shapes, key: string | undefined): JsonSchema[] =>
  key === undefined
    ? []
    : shapes.flatMap((shape) => {
        const properties = propertiesOf(shape);
        return shapesOf(own(properties, key) ?? shape['additionalProperties']);
      });

const keyOf = (pair: unknown): string | undefined =>
  isPair(pair) && isScalar(pair.key) && typeof pair.key.value === 'string' ? pair.key.value : undefined;

/** Long blocks, that are required and so come early in the schema; people look for the name of the cloud before them. */
const LAST: readonly string[] = ['access', 'reader'];

function sortPairs(map: YAMLMap, shapes: Shapes): void {
  const names = [...new Set(shapes.flatMap((shape) => Object.keys(propertiesOf(shape))))];
  const order = [...names.filter((name) => !LAST.includes(name)), ...names.filter((name) => LAST.includes(name))];
  const place = (pair: Pair): number => {
    const at = order.indexOf(keyOf(pair)!);
    return at < 0 ? order.length : at;
  };
  const [first] = map.items;
  map.items.sort((a, b) => place(a) - place(b));
  const now = map.items[0];
  // Blank lines are between fields, not before the first.
  if (now !== first && isScalar(now?.key)) delete now.key.spaceBefore;
}
