import { ProviderError, type ProviderErrorKind } from '../../../contracts/provider-error.js';
import type { DiagnosticCode } from '../../../diag/catalog.js';
import { clockNextSteps } from '../../clock-behind.js';
import { EndlessAnswer } from './endless-answer.js';
import { remoteMessage } from './error-body.js';
import { hostOf } from './host-of.js';
import { ClockBehind, isTlsProblem } from './transport-problem.js';

/** Which call of which provider an error is about. */
export interface CallSite {
  readonly provider: string;
  /** Method and path without project and query, such as `POST /volumes`. */
  readonly call: string;
}

export interface RemoteAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** `HOST:PORT` that gave it. */
  readonly from?: string;
}

interface Problem {
  readonly kind: ProviderErrorKind;
  readonly code: DiagnosticCode;
  readonly detail: string;
  readonly requestId?: string | undefined;
  readonly nextSteps?: readonly string[] | undefined;
  readonly cause?: unknown;
}

function make(site: CallSite, { kind, code, detail, requestId, nextSteps, cause }: Problem): ProviderError {
  const { provider, call } = site;
  const details = { kind, code, provider, call, detail, ...(requestId && { requestId }), ...(nextSteps && { nextSteps }) };
  return new ProviderError(details, cause === undefined ? undefined : { cause });
}

/** The cloud answered with an error status. */
export function refusal(site: CallSite, answer: RemoteAnswer): ProviderError {
  const said = remoteMessage(answer.text, answer.headers['content-type'] ?? '');
  // What stands in front of the service often answers in its place.
  const from = answer.status >= 500 && answer.from !== undefined ? ` from ${answer.from}` : '';
  const detail = said === '' ? `HTTP ${answer.status}${from}` : `HTTP ${answer.status}${from}: ${said}`;
  return make(site, { ...classify(answer.status, said), detail, requestId: requestIdOf(answer) });
}

type Classification = Pick<Problem, 'kind' | 'code' | 'nextSteps'>;

/** Nova and Neutron have no status of their own for a full quota: it is 403 and 409 with these words. */
const QUOTA_WORDS = /quota exceeded|exceeded for quota|overquota/i;

function classify(status: number, said: string): Classification {
  if (status === 413 || ((status === 403 || status === 409) && QUOTA_WORDS.test(said))) {
    return { kind: 'quota', code: 'MP4004', nextSteps: ['Free room in the project, or ask for a larger quota, then run again.'] };
  }
  if (status === 401) return { kind: 'unauthenticated', code: 'MP4001' };
  if (status === 403) return { kind: 'denied', code: 'MP4002', nextSteps: ['Ask for a role that allows this call.'] };
  if (status === 404) return { kind: 'not-found', code: 'MP4006' };
  if (status === 429 || status >= 502) return { kind: 'transient', code: 'MP4003' };
  if (status >= 500) return { kind: 'transient', code: 'MP4007' };
  if (status >= 400) return { kind: 'conflict', code: 'MP4002' };
  return { kind: 'invalid', code: 'MP4007' };
}

export const requestIdOf = ({ headers }: Pick<RemoteAnswer, 'headers'>): string | undefined =>
  headers['x-openstack-request-id'] ?? headers['x-compute-request-id'];

/** No answer: connection refused, reset, timed out, or TLS that is not trusted. */
export function silence(site: CallSite, cause: unknown, url: string): ProviderError {
  const said = `${hostOf(url)}: ${wordsOf(cause)}`;
  if (cause instanceof EndlessAnswer) return make(site, { kind: 'invalid', code: 'MP4007', detail: said, cause });
  if (cause instanceof ClockBehind) {
    return make(site, { kind: 'untrusted', code: 'MP4003', detail: said, nextSteps: clockNextSteps, cause });
  }
  if (!isTlsProblem(cause)) return make(site, { kind: 'transient', code: 'MP4003', detail: said, cause });
  const nextSteps = ["Write the CA's file as cacert of the cloud in clouds.yaml."];
  return make(site, { kind: 'untrusted', code: 'MP4003', detail: `its certificate is not trusted: ${said}`, nextSteps, cause });
}

/** A host with several addresses has an error for each, and no words of its own. */
function wordsOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === '') return cause.errors.map(wordsOf).join('; ');
  return cause instanceof Error ? cause.message : String(cause);
}

/** The answer cannot be understood; `what` says which part. */
export const invalidAnswer = (site: CallSite, what: string, requestId?: string): ProviderError =>
  make(site, { kind: 'invalid', code: 'MP4007', detail: what, requestId });

/** A login that was refused. Said again for every later call, without asking again: repeated attempts lock accounts. */
export const refusedLogin = (site: CallSite, answer: RemoteAnswer, origin: string): ProviderError =>
  make(site, {
    kind: 'unauthenticated',
    code: 'MP4001',
    detail: `HTTP 401: ${remoteMessage(answer.text, answer.headers['content-type'] ?? '')}`,
    requestId: requestIdOf(answer),
    nextSteps: [`Check the credentials in ${origin}; an application credential or token may have expired.`],
  });

/** This cloud cannot do what is needed. */
export const unsupported = (site: CallSite, detail: string, nextSteps?: readonly string[]): ProviderError =>
  make(site, { kind: 'unsupported', code: 'MP4002', detail, nextSteps });

/** The cloud names a place that the Project does not name: what an answer says alone must not decide what is read or overwritten. */
export const notExpected = (site: CallSite, detail: string, nextSteps: readonly string[]): ProviderError =>
  make(site, { kind: 'unsupported', code: 'MP4013', detail, nextSteps });

/** A name or id that the cloud does not have. */
export const notFound = (site: CallSite, detail: string, nextSteps?: readonly string[]): ProviderError =>
  make(site, { kind: 'not-found', code: 'MP4006', detail, nextSteps });

/** What is there forbids the call. */
export const conflict = (site: CallSite, detail: string, nextSteps?: readonly string[]): ProviderError =>
  make(site, { kind: 'conflict', code: 'MP4002', detail, nextSteps });

/** Cinder tells nobody which blocks of a volume changed. */
export const noTracking = (site: CallSite): ProviderError =>
  make(site, {
    kind: 'cbt-invalid',
    code: 'MP2005',
    detail: 'an OpenStack cloud does not tell which blocks of a volume changed: only full copies are possible',
  });

/** Someone else holds the volume. */
export const held = (site: CallSite, detail: string, nextSteps?: readonly string[]): ProviderError =>
  make(site, { kind: 'held', code: 'MP4002', detail, nextSteps });

/** The object went into an error state; `detail` carries the cloud's reason. */
export const failed = (site: CallSite, detail: string, nextSteps?: readonly string[]): ProviderError =>
  make(site, { kind: 'failed', code: 'MP4008', detail, nextSteps });

/** The conversion host did not get the volume, or shows something else in its place. */
export const notAttached = (site: CallSite, detail: string, nextSteps: readonly string[]): ProviderError =>
  make(site, { kind: 'failed', code: 'MP4011', detail, nextSteps });

/** The conversion host does not let go of the volume. */
export const notDetached = (site: CallSite, detail: string, nextSteps: readonly string[]): ProviderError =>
  make(site, { kind: 'failed', code: 'MP4012', detail, nextSteps });

/** The conversion host cannot be reached, or lacks what it needs. */
export const hostError = (
  site: CallSite,
  { kind, detail, nextSteps }: { kind: ProviderErrorKind; detail: string; nextSteps: readonly string[] },
): ProviderError => make(site, { kind, code: 'MP8004', detail, nextSteps });

/** It takes longer than allowed; running again goes on waiting. */
export const tooSlow = (site: CallSite, detail: string): ProviderError =>
  make(site, { kind: 'transient', code: 'MP4003', detail, nextSteps: ['Run again: waiting goes on where it was.'] });

/** The same error with advice that only the caller knows. */
export const withNextSteps = (error: ProviderError, nextSteps: readonly string[]): ProviderError =>
  new ProviderError({ ...error.details, nextSteps }, { cause: error });
