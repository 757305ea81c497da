import type { DiagnosticCode } from './catalog.js';
import type { Diagnostic } from './diagnostic.js';

export interface FailedStepDetails<Code extends DiagnosticCode> {
  readonly code: Code;
  /** What was done: `open source`, `copy`, `create overlay` ... */
  readonly call: string;
  /** What the programs said, without secrets. */
  readonly detail: string;
  readonly nextSteps?: readonly string[];
}

/** A step that programs do for us failed. */
export abstract class FailedStep<Code extends DiagnosticCode> extends Error {
  constructor(
    readonly details: FailedStepDetails<Code>,
    options?: ErrorOptions,
  ) {
    super(`${details.call}: ${details.detail}`, options);
  }

  diagnostic(address?: string): Diagnostic {
    const { code, call, detail, nextSteps } = this.details;
    return {
      severity: 'error',
      code,
      detail: `${call}: ${detail}`,
      ...(address === undefined ? {} : { address }),
      ...(nextSteps === undefined ? {} : { nextSteps }),
    };
  }
}
