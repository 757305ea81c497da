import type { DiagnosticCode } from './catalog.js';
import type { SourceRange } from './source-range.js';

type Values = Readonly<Record<string, unknown>>;

/** The same fields, as they were left or are declared, and as they are. A field that is null, or all of them: it is not there. */
export interface Differs {
  readonly before: Values;
  readonly after: Values | null;
}

/** Something to tell the user. Data, not an exception: a run collects many and the view prints them all. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly code: DiagnosticCode;
  /** Lower case, the wrong value, what is true. One or more sentences without a final newline. */
  readonly detail: string;
  /** Lines below the detail. Each begins with words of ours: what others say must not stand at the start of a line. */
  readonly lines?: readonly string[];
  /** What it is about: `vm/erp-db01`, `vm/erp-db01/disk/2000`, `provider/vc-prod`. */
  readonly address?: string;
  readonly source?: SourceRange;
  /** A second place, such as the first use of a name. */
  readonly related?: { readonly source: SourceRange; readonly detail: string };
  /** What to do, imperative, the command last. */
  readonly nextSteps?: readonly string[];
  /** Of what is not as it was left or declared: in values, for programs. */
  readonly differs?: Differs;
}

export const hasErrors = (diagnostics: readonly Diagnostic[]): boolean =>
  diagnostics.some((diagnostic) => diagnostic.severity === 'error');

/** Carries diagnostics across a stack that cannot return them. Caught once, in the base command. */
export class DiagnosticsError extends Error {
  override readonly name = 'DiagnosticsError';
  constructor(
    readonly diagnostics: readonly Diagnostic[],
    options?: ErrorOptions & { readonly exit?: number },
  ) {
    super(diagnostics.map((diagnostic) => `${diagnostic.code}: ${diagnostic.detail}`).join('\n'), options);
    this.exit = options?.exit;
  }
  /** Exit code when it is not the plain error code. */
  readonly exit: number | undefined;
}

/** A bug of ours: something the code rules out has happened. Shown with a stack and how to report it. */
export function invariant(claim: boolean, why: string): asserts claim {
  if (!claim) throw new Error(`this is a bug in migplan: ${why}`);
}
