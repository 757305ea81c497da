import type { Scalar } from '../../model/scalar.js';

/**
 * A small typed builder of JSON Schema (draft-07). Each table built with it gives the schema that editors and Ajv use and,
 * by inference, the type of a value that passed; so the two cannot drift apart.
 */

/**
 * - document: a Migration as it stands in a file; fields that the Project's defaults may fill are not required.
 * - defaults: the same fields in the Project; nothing is required.
 * - resolved: both merged; everything needed is required and nothing is null.
 */
export type Stage = 'document' | 'defaults' | 'resolved';

export type JsonSchema = Readonly<Record<string, unknown>>;

declare const valueType: unique symbol;

export interface Shape<T> {
  render(stage: Stage): JsonSchema;
  readonly [valueType]?: T;
}

export type TypeOf<S> = S extends Shape<infer T> ? T : never;

type Fields = Readonly<Record<string, Shape<unknown>>>;
type None = Record<never, never>;
type Simplify<T> = { readonly [K in keyof T]: T[K] };
type ObjectType<R extends Fields, I extends Fields, O extends Fields> = Simplify<
  { [K in keyof R]: TypeOf<R[K]> } & { [K in keyof I]: TypeOf<I[K]> } & { [K in keyof O]?: TypeOf<O[K]> }
>;

/** What an editor shows on hover. `title` names the form in error messages: "must be a size". */
export interface Note {
  readonly title?: string;
  readonly description: string;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
}

export interface TextForm {
  readonly title?: string;
  readonly pattern?: string;
  /** 1 unless given. */
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly examples?: readonly string[];
  /** The value must never be repeated in a message. */
  readonly secret?: boolean;
}

export function text(form: TextForm & Note): Shape<string> {
  const { secret, ...rest } = form;
  const schema = { type: 'string', minLength: 1, ...rest, ...(secret === true && { writeOnly: true }) };
  return { render: () => schema };
}

/** Text, a number, or true or false. */
export const scalar = (note: Note & { readonly maxLength: number }): Shape<Scalar> => ({
  render: () => ({ type: ['string', 'number', 'boolean'], ...note }),
});

export const choice = <const V extends string>(values: readonly V[], note: Note): Shape<V> => ({
  render: () => ({ type: 'string', enum: values, ...note }),
});

export const flag = (note: Note): Shape<boolean> => ({ render: () => ({ type: 'boolean', ...note }) });

export const count = (note: Note & { readonly minimum: number; readonly maximum: number }): Shape<number> => ({
  render: () => ({ type: 'integer', ...note }),
});

export const listOf = <T>(item: Shape<T>, note: Note & { readonly minItems?: number }): Shape<readonly T[]> => ({
  render: (stage) => ({ type: 'array', items: item.render(stage), ...note }),
});

export function recordOf<T>(value: Shape<T>, note: Note & { readonly keys: TextForm }): Shape<Readonly<Record<string, T>>> {
  const { keys, ...rest } = note;
  const propertyNames = { type: 'string', ...keys };
  return { render: (stage) => ({ type: 'object', additionalProperties: value.render(stage), propertyNames, ...rest }) };
}

export interface ObjectFields<R extends Fields, I extends Fields, O extends Fields> {
  readonly required?: R;
  /** Needed in the end, but the Project's defaults may give them. */
  readonly inherited?: I;
  readonly optional?: O;
}

/** `rules`: further keywords for the document and resolved stages, such as oneOf over required. */
export function object<R extends Fields = None, I extends Fields = None, O extends Fields = None>(
  { required, inherited, optional }: ObjectFields<R, I, O>,
  note: Note,
  rules: JsonSchema = {},
): Shape<ObjectType<R, I, O>> {
  const fields = { ...required, ...inherited, ...optional };
  const needed = {
    document: Object.keys(required ?? {}),
    defaults: [],
    resolved: Object.keys({ ...required, ...inherited }),
  };
  return {
    render: (stage) => ({
      type: 'object',
      properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.render(stage)])),
      ...(needed[stage].length > 0 && { required: needed[stage] }),
      additionalProperties: false,
      ...(stage !== 'defaults' && rules),
      ...note,
    }),
  };
}

/** One object of several kinds, told apart by the field `tag`. */
export function tagged<T>(tag: string, kinds: readonly Shape<T>[], note: Note): Shape<T> {
  return {
    render: (stage) => ({
      type: 'object',
      required: [tag],
      discriminator: { propertyName: tag },
      oneOf: kinds.map((kind) => kind.render(stage)),
      ...note,
    }),
  };
}

export const constant = <const V extends string>(value: V, note: Note): Shape<V> => ({
  render: () => ({ type: 'string', const: value, ...note }),
});

/**
 * Text, or the object that says more. One schema with both types instead of anyOf: `pattern` looks at text only and
 * `properties` at objects only, so the errors are exact.
 */
export const textOr = <T>(words: Shape<string>, details: Shape<T>, note: Note): Shape<string | T> => ({
  render: (stage) => ({ ...words.render(stage), ...details.render(stage), type: ['string', 'object'], ...note }),
});

/** In files, null takes a default of the Project away. After merging no null is left. */
export const clearable = <T>(shape: Shape<T>): Shape<T> => ({
  render(stage) {
    const schema = shape.render(stage);
    if (stage === 'resolved') return schema;
    const words = schema['enum'] as readonly unknown[] | undefined;
    return { ...schema, type: [schema['type'], 'null'].flat(), ...(words !== undefined && { enum: [...words, null] }) };
  },
});
