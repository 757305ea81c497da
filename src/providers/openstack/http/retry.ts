import type { Clock } from '../../../host/clock.js';
import { isInterruption } from '../../../host/interruption.js';
import { trace } from '../../../host/trace.js';
import { EndlessAnswer } from './endless-answer.js';
import type { RemoteAnswer } from './errors.js';
import { isClosed, isTlsProblem, isUnsent } from './transport-problem.js';

export const ATTEMPTS_MAX = 5;
const FIRST_DELAY_MS = 500;
const RETRY_AFTER_MS_MAX = 60_000;
/** The service or something before it is busy; Cinder, Nova and Neutron have not refused the request as such. */
const BUSY = [429, 502, 503, 504];

export interface RetryRules {
  /** false: a request that may have been carried out is not sent again. 429 and refused connections never were. */
  readonly repeatable: boolean;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
}

/** The last answer, whatever its status, or the last error. */
export async function withRetries(send: () => Promise<RemoteAnswer>, rules: RetryRules): Promise<RemoteAnswer> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await settle(send);
    if (attempt === ATTEMPTS_MAX || !mayRepeat(outcome, rules.repeatable)) return unsettle(outcome);
    const waitMs = delayMs(outcome, attempt, rules);
    trace(
      'warn',
      'http',
      () => `${whyAgain(outcome)}: asked again in ${Math.round(waitMs)} ms, try ${attempt + 1} of ${ATTEMPTS_MAX}`,
    );
    await rules.clock.sleep(waitMs);
  }
}

type Outcome = { readonly answer: RemoteAnswer } | { readonly error: unknown };

async function settle(send: () => Promise<RemoteAnswer>): Promise<Outcome> {
  try {
    return { answer: await send() };
  } catch (error) {
    return { error };
  }
}

function unsettle(outcome: Outcome): RemoteAnswer {
  if ('error' in outcome) throw outcome.error;
  return outcome.answer;
}

function mayRepeat(outcome: Outcome, repeatable: boolean): boolean {
  if ('error' in outcome && isInterruption(outcome.error)) return false;
  if ('error' in outcome && (isClosed(outcome.error) || outcome.error instanceof EndlessAnswer)) return false;
  if ('error' in outcome) return isUnsent(outcome.error) || (repeatable && !isTlsProblem(outcome.error));
  const { status } = outcome.answer;
  return repeatable ? BUSY.includes(status) : status === 429;
}

function whyAgain(outcome: Outcome): string {
  if ('answer' in outcome) return `HTTP ${outcome.answer.status}`;
  return outcome.error instanceof Error ? outcome.error.message : String(outcome.error);
}

/** Doubles each time, 25 % more or less; Retry-After is a lower bound. */
function delayMs(outcome: Outcome, attempt: number, { clock, random }: RetryRules): number {
  const backoff = FIRST_DELAY_MS * 2 ** (attempt - 1) * (0.75 + random() / 2);
  const asked = 'answer' in outcome ? retryAfterMs(outcome.answer.headers['retry-after'], clock.now()) : 0;
  return Math.max(backoff, asked);
}

/** Seconds or an HTTP date. */
function retryAfterMs(header: string | undefined, now: Date): number {
  if (header === undefined) return 0;
  const wait = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now.getTime();
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), RETRY_AFTER_MS_MAX) : 0;
}
