/** 1-based line and column, 0-based byte offset, as editors and SARIF count them. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

/** Where in a file something stands; `end` is exclusive. `file` is relative to the project folder where possible. */
export interface SourceRange {
  readonly file: string;
  readonly start: SourcePosition;
  readonly end: SourcePosition;
}
