import { DetailedError, type ErrorDetails } from '../diag/detailed-error.js';
import { type Diagnostic, DiagnosticsError } from '../diag/diagnostic.js';
import { isInterruption } from '../host/interruption.js';
import { type Former, LockHeldError, type LockHolder } from '../state/lock.js';
import { AlsoNotReleased } from './release-after.js';

export interface ToldError {
  /** Whether the work ended because somebody said stop; what went wrong besides is told all the same. */
  readonly isAborted: boolean;
  readonly diagnostics: readonly Diagnostic[];
  /** What only a stack can explain. */
  readonly bug?: unknown;
}

export interface TellingOptions {
  /** What ends the work when somebody says stop. */
  readonly signal: AbortSignal;
  /** What to do about what is left. */
  readonly putAway?: string;
}

/** All that went wrong: the work, and then giving back what it held. */
export function toldError(error: unknown, address: string, options: TellingOptions): ToldError {
  const { signal, putAway = RUN_AGAIN } = options;
  if (!(error instanceof AlsoNotReleased)) {
    if (isInterruption(error, signal)) return { isAborted: true, diagnostics: [] };
    const diagnostics = errorDiagnostics(error, address);
    return { isAborted: false, diagnostics: diagnostics ?? [], ...(diagnostics === undefined ? { bug: error } : {}) };
  }
  const work = toldError(error.work, address, options);
  const givingBack = toldError(error.releasing, address, options);
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
  if (!(error instanceof DetailedError)) return undefined;
  const { code, provider, call, detail, requestId, nextSteps }: ErrorDetails = error.details;
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

/** One that has, or had, a lock. */
export const processText = ({ who, pid, host, operation, since }: LockHolder): string =>
  `${who} (pid ${pid} on ${host}, ${operation}, since ${since})`;

/** Whoever held a lock before, and was not seen to end. */
export const formerText = (former: Former): string =>
  former === 'unknown' ? 'a run that the state does not know' : processText(former);

/** Who has a lock, and since when, as far as is told. */
export function holderText({ holder, told }: LockHeldError): string {
  if (holder !== undefined) return processText(holder);
  const { who = 'a process that cannot be told', since } = told;
  return since === undefined ? who : `${who} (since ${since})`;
}

function lockDiagnostic(held: LockHeldError, address: string): Diagnostic {
  return {
    severity: 'error',
    code: 'MP3009',
    address,
    detail: `held by ${holderText(held)}${held.lease === undefined ? '' : `, heard of ${Math.round(held.lease.heardMs / 1000)}s ago`}`,
    nextSteps: [
      held.lease === undefined
        ? 'wait for it to end'
        : 'wait for it to end; should it not be heard of for long, the next run takes over by itself',
      held.id === undefined
        ? `if its host is gone for good, remove ${held.place}`
        : `if its host is gone for good: migplan force-unlock ${held.id}`,
    ],
  };
}
