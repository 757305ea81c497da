import { ProviderError, type ProviderErrorKind } from '../../contracts/provider-error.js';
import type { DiagnosticCode } from '../../diag/catalog.js';

export interface CallSite {
  readonly provider: string;
  readonly call: string;
}

interface Problem {
  readonly kind: ProviderErrorKind;
  readonly code: DiagnosticCode;
  readonly nextSteps?: readonly string[];
}

const make =
  ({ kind, code, nextSteps }: Problem) =>
  (site: CallSite, detail: string, cause?: unknown): ProviderError =>
    new ProviderError({ kind, code, ...site, detail, ...(nextSteps && { nextSteps }) }, { cause });

export const notFound = make({ kind: 'not-found', code: 'MP5006' });

export const noTracking = make({ kind: 'cbt-invalid', code: 'MP2005' });

/** What changed since is never told, only whether it is the same. */
export const notTheSame = make({
  kind: 'cbt-invalid',
  code: 'MP5014',
  nextSteps: ['make a new plan: migplan plan --out plan.json'],
});

export const inUse = make({
  kind: 'held',
  code: 'MP5011',
  nextSteps: ['shut the machine down, or end what has the image open, and run again'],
});

export const notOpened = make({
  kind: 'failed',
  code: 'MP5012',
  nextSteps: ['check that this user may read the image, and that it is what its machine file says'],
});

export const moved = make({
  kind: 'conflict',
  code: 'MP5013',
  nextSteps: ['find out what writes to it and end that; the next plan copies all of it'],
});

/** A machine that is described by a file has nobody who could switch it off. */
export const cannotSwitch = make({
  kind: 'unsupported',
  code: 'MP5011',
  nextSteps: ['shut the machine down where it runs, and run again'],
});
