/** A program that the Project names, run without a shell. */
export interface OwnCommand {
  /** Program and arguments; a relative path of a program starts at `folder`. */
  readonly argv: readonly [string, ...string[]];
  /** Absolute. */
  readonly folder: string;
  readonly timeoutMs: number;
}
