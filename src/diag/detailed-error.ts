import type { DiagnosticCode } from './catalog.js';
import type { Diagnostic } from './diagnostic.js';

export interface ErrorDetails<Code extends DiagnosticCode = DiagnosticCode> {
  readonly code: Code;
  /** As in the Project. */
  readonly provider?: string;
  /** What was done: `QueryChangedDiskAreas`, `POST /volumes`, `open source`, `copy` ... */
  readonly call?: string;
  /** What the remote or the programs said, without secrets. */
  readonly detail: string;
  readonly requestId?: string;
  readonly nextSteps?: readonly string[];
}

/** Trouble that is no bug, with all that is told of it. Whoever tells it to people needs to know no other class of errors. */
export abstract class DetailedError<Details extends ErrorDetails = ErrorDetails> extends Error {
  constructor(
    readonly details: Details,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface FailedStepDetails<Code extends DiagnosticCode> extends ErrorDetails<Code> {
  readonly call: string;
}

/** A step that programs do for us failed. */
export abstract class FailedStep<Code extends DiagnosticCode> extends DetailedError<FailedStepDetails<Code>> {
  constructor(details: FailedStepDetails<Code>, options?: ErrorOptions) {
    super(details, `${details.call}: ${details.detail}`, options);
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
