import type { Diagnostic } from '../../diag/diagnostic.js';
import type { SourceRange } from '../../diag/source-range.js';
import type { Clock } from '../../host/clock.js';
import type { ProgramFinder } from '../../host/program.js';

export interface NbdConfig {
  /** In the Project. */
  readonly name: string;
  /** Of the Project: how files are called in messages starts there. */
  readonly folder: string;
  /** Machine files, and folders in which every `*.json` is one. Absolute. */
  readonly machines: readonly string[];
  /** Folders below which images lie. Absolute. Absent: those of the machine files. */
  readonly images?: readonly string[];
  /** X.509 files for `nbds:`, as libnbd names them. Absolute. Absent: those of the system. */
  readonly certificates?: string;
}

/** As Ajv compiles a schema. */
export interface Fits {
  (value: unknown): boolean;
  errors?: readonly unknown[] | null;
}

/** A file that was read, checked against a schema, and can tell where its fields stand. */
export interface DocumentRead {
  /** Absent when anything is wrong. */
  readonly value?: unknown;
  readonly diagnostics: readonly Diagnostic[];
  rangeOf(path: readonly (string | number)[]): SourceRange;
}

export interface NbdDependencies {
  readonly clock: Clock;
  readonly programs: ProgramFinder;
  /** Private, with a short path. */
  socketFolder(): Promise<string>;
  /** `file` is in `folder`; `shown` is how it is called in messages. */
  readDocument(
    location: { readonly folder: string; readonly file: string; readonly shown: string },
    fits: Fits,
  ): Promise<DocumentRead>;
}
