import type { ErrorObject } from 'ajv';
import type { Diagnostic } from '../diag/diagnostic.js';
import type { SourceRange } from '../diag/source-range.js';
import type { LocatedDocument } from './base/located.js';
import { problem } from './base/problem.js';
import { explainShapeErrors } from './explain/explain-shape.js';
import { readManifest } from './files/read-manifest.js';

/** A function that Ajv made of a schema. */
interface Validate {
  (value: unknown): boolean;
  errors?: readonly unknown[] | null;
}

export interface DocumentRead {
  /** Plain data that fits; absent when anything is wrong. */
  readonly value?: unknown;
  readonly diagnostics: readonly Diagnostic[];
  /** Where the value at a path stands, or its nearest parent that is there. */
  rangeOf(path: readonly (string | number)[]): SourceRange;
}

interface DocumentPlace {
  /** Absolute. */
  readonly folder: string;
  /** Below it, also when links are followed. */
  readonly file: string;
  /** How it is called in messages. */
  readonly shown: string;
}

/**
 * Reads a file of one document, YAML or JSON, and checks it against a schema. What is wrong is told as of manifests: in our own
 * words, with file, line and column. Never throws for what the file is like.
 */
export async function readDocument({ folder, file, shown }: DocumentPlace, validate: Validate): Promise<DocumentRead> {
  const { documents, diagnostics } = await readManifest(folder, file, shown);
  const [document, second] = documents.filter(({ value }) => value !== null);
  const rangeOf: DocumentRead['rangeOf'] = (path) => document?.rangeOf(path) ?? startOf(shown);
  if (diagnostics.length > 0) return { diagnostics, rangeOf };
  if (document === undefined)
    return { diagnostics: [problem('MP1008', startOf(shown), { detail: `${shown} is empty` })], rangeOf };
  const wrong = [...(second === undefined ? [] : [secondDocument(second)]), ...shapeProblems(document, validate)];
  return wrong.length > 0 ? { diagnostics: wrong, rangeOf } : { value: document.value, diagnostics: [], rangeOf };
}

function shapeProblems(document: LocatedDocument, validate: Validate): Diagnostic[] {
  if (validate(document.value)) return [];
  return explainShapeErrors((validate.errors ?? []) as ErrorObject[], { located: document, merged: false });
}

const secondDocument = (second: LocatedDocument): Diagnostic =>
  problem('MP1008', second.rangeOf([]), {
    detail: 'the file has a second document',
    nextSteps: ['Put it into a file of its own'],
  });

const startOf = (file: string): SourceRange => {
  const start = { line: 1, column: 1, offset: 0 };
  return { file, start, end: start };
};
