import { catalog, type DiagnosticCode } from '../diag/catalog.js';
import { type Diagnostic, DiagnosticsError } from '../diag/diagnostic.js';
import { LockHeldError } from '../state/vm-lock.js';
import { AlsoNotReleased } from './release-after.js';

/** What ProviderError, TransferError and ConvertError have in common; none of them is named here. */
interface Detailed {
  readonly code: DiagnosticCode;
  readonly provider?: string;
  readonly call?: string;
  readonly detail: string;
  readonly requestId?: string;
  readonly nextSteps?: readonly string[];
}

export interface ToldError {
  /** Whether the work ended because somebody said stop; what went wrong besides is told all the same. */
  readonly isAborted: boolean;
  readonly diagnostics: readonly Diagnostic[];
  /** What only a stack can explain. */
  readonly bug?: unknown;
}

/** All that went wrong: the work, and then giving back what it held. */
export function toldError(error: unknown, address: string, putAway = RUN_AGAIN): ToldError {
  if (!(error instanceof AlsoNotReleased)) {
    if (isAbort(error)) return { isAborted: true, diagnostics: [] };
    const diagnostics = errorDiagnostics(error, address);
    return { isAborted: false, diagnostics: diagnostics ?? [], ...(diagnostics === undefined ? { bug: error } : {}) };
  }
  const work = toldError(error.work, address, putAway);
  const givingBack = toldError(error.releasing, address, putAway);
  const bug = work.bug ?? givingBack.bug;
  return {
    isAborted: work.isAborted && bug === undefined,
    diagnostics: [...work.diagnostics, ...givingBack.diagnostics.map((one) => leftBehind(one, putAway))],
    ...(bug === undefined ? {} : { bug }),
  };
}

const RUN_AGAIN = 'run the same plan again: it removes what is left';

const leftBehind = (diagnostic: Diagnostic, putAway: string): Diagnostic => ({
  ...diagnostic,
  detail: `what was held could not be given back: ${diagnostic.detail}`,
  nextSteps: [putAway, ...(diagnostic.nextSteps ?? [])],
});

/** Trouble that is not a bug, told as diagnostics; undefined for what only a stack can explain. */
export function errorDiagnostics(error: unknown, address: string): readonly Diagnostic[] | undefined {
  if (error instanceof DiagnosticsError) return error.diagnostics;
  if (error instanceof LockHeldError) return [lockDiagnostic(error, address)];
  const details = detailsOf(error);
  if (details === undefined) return undefined;
  const { code, provider, call, detail, requestId, nextSteps } = details;
  const where = [provider, call].filter((part) => part !== undefined).join(': ');
  // Programs say several lines; each is marked as theirs.
  const [first = '', ...rest] = detail.split('\n');
  return [
    {
      severity: 'error',
      code,
      address,
      detail: `${where === '' ? '' : `${where}: `}${first}${requestId === undefined ? '' : ` [${requestId}]`}`,
      ...(rest.length > 0 && { lines: rest.map((line) => `| ${line}`) }),
      ...(nextSteps === undefined ? {} : { nextSteps }),
    },
  ];
}

function detailsOf(error: unknown): Detailed | undefined {
  if (!(error instanceof Error) || !('details' in error)) return undefined;
  const { details } = error as { details: unknown };
  if (typeof details !== 'object' || details === null) return undefined;
  const { code, detail } = details as Partial<Detailed>;
  return typeof code === 'string' && code in catalog && typeof detail === 'string' ? (details as Detailed) : undefined;
}

function lockDiagnostic({ path, holder }: LockHeldError, address: string): Diagnostic {
  const who =
    holder === undefined
      ? 'a process that cannot be told'
      : `${holder.who} (pid ${holder.pid} on ${holder.host}, ${holder.operation}, since ${holder.since})`;
  return {
    severity: 'error',
    code: 'MP3009',
    address,
    detail: `held by ${who}`,
    nextSteps: ['wait for it to end', `if its host is gone for good, remove ${path}`],
  };
}

export const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';
