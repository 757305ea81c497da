import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { SourceRange } from '../../diag/source-range.js';
import type { SourceText } from './source-text.js';

export type Path = readonly (string | number)[];

/** Tells where a value stands. Implemented by a document and by a Migration merged with defaults. */
export interface Located {
  /** The value at the path, or its nearest parent that is there. */
  rangeOf(path: Path): SourceRange;
  /** The key of the field at the path, else as rangeOf. What "unknown field" and "missing inside of" point at. */
  keyRangeOf(path: Path): SourceRange;
}

export interface LocatedDocument extends Located {
  readonly file: string;
  /** Plain data; null for a document without content. */
  readonly value: unknown;
  /** false: something is wrong before its fields are looked at; it is only good for finding its other mistakes. */
  readonly sound: boolean;
  has(path: Path): boolean;
  /** The value at the path as it stands in the file; undefined where there is none. */
  writtenAt(path: Path): string | undefined;
  /** Variables whose values are in the text at the path. Absent: none anywhere. */
  variablesAt?(path: Path): readonly string[];
}

interface Found {
  readonly key?: Node;
  readonly value: Node;
}

const keyText = (key: unknown): string => (isScalar(key) ? String(key.value) : String(key));

/** One step down. `container` is what the alias stands for, when it is one. */
function child(document: Document, parent: Node, step: string | number): Found | undefined {
  const container = isAlias(parent) ? parent.resolve(document) : parent;
  if (isMap(container)) {
    const pair = container.items.find((item: Pair) => keyText(item.key) === String(step));
    if (pair === undefined) return undefined;
    const key = pair.key as Node;
    return { key, value: (pair.value as Node | null) ?? key };
  }
  if (!isSeq(container)) return undefined;
  const item = container.items[Number(step)] as Node | undefined;
  return item === undefined ? undefined : { value: item };
}

function walk(document: Document, path: Path): { readonly found: Found | undefined; readonly complete: boolean } {
  let found: Found | undefined = document.contents === null ? undefined : { value: document.contents as Node };
  for (const step of path) {
    const next: Found | undefined = found && child(document, found.value, step);
    if (next === undefined) return { found, complete: false };
    found = next;
  }
  return { found, complete: found !== undefined };
}

/** Gives places in `document`, whose text is `source`. `value` is its content as plain data. */
export function locate(document: Document, source: SourceText, value: unknown): LocatedDocument {
  const whole = document.range ?? [0, source.text.length, source.text.length];
  const rangeOfNode = (node: Node | undefined): SourceRange => {
    const range = node?.range ?? whole;
    return source.range(range[0], range[1]);
  };
  return {
    file: source.file,
    value,
    sound: document.errors.length === 0,
    writtenAt(path) {
      const { found, complete } = walk(document, path);
      const range = complete ? found?.value.range : undefined;
      return range == null ? undefined : source.text.slice(range[0], range[1]);
    },
    has: (path) => walk(document, path).complete,
    rangeOf: (path) => rangeOfNode(walk(document, path).found?.value),
    keyRangeOf(path) {
      const { found } = walk(document, path);
      return rangeOfNode(found?.key ?? found?.value);
    },
  };
}
