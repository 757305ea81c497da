import { DiagnosticsError } from '../../diag/diagnostic.js';
import type { Clock } from '../../host/clock.js';
import { type HttpAnswer, NoAnswer } from './http-answer.js';
import type { HttpExchange, HttpRequest } from './http-exchange.js';
import { unreachable } from './http-refusal.js';
import { leftMs } from './http-time.js';

export const ATTEMPTS_MAX = 3;
const FIRST_DELAY_MS = 500;
const RETRY_AFTER_MS_MAX = 10_000;

/** The server, or something before it, is busy for a while. 500 is none of these: GitLab says it for a lock that was lost. */
const BUSY: readonly number[] = [429, 502, 503, 504];
export const isBusy = ({ status }: HttpAnswer): boolean => BUSY.includes(status);

export interface Heard {
  readonly answer: HttpAnswer;
  /** An earlier try may have been carried out, and its answer was lost. */
  readonly isRepeated: boolean;
}

/**
 * Asks what may be asked twice, at most three times. An answer is an answer, whatever its status. DiagnosticsError MP3033 where there is
 * none.
 */
export async function attempt(exchange: HttpExchange, request: HttpRequest, clock: Clock): Promise<Heard> {
  for (let tries = 1; ; tries++) {
    const came = await exchange.send(request).catch(noAnswer);
    const isOver = tries === ATTEMPTS_MAX || leftMs(clock) === 0;
    if (came instanceof NoAnswer ? isOver || !isPassing(came) : isOver || !isBusy(came)) {
      if (came instanceof NoAnswer) throw unreachable(came);
      return { answer: came, isRepeated: tries > 1 };
    }
    await clock.sleep(delayMs(tries, came instanceof NoAnswer ? undefined : came));
  }
}

function noAnswer(error: unknown): NoAnswer {
  if (error instanceof NoAnswer) return error;
  throw error;
}

/** How long to wait after so many tries; a busy server may say so itself. */
export function delayMs(tries: number, answer?: HttpAnswer): number {
  const seconds = Number(answer?.headers['retry-after'] ?? 0);
  const asked = Number.isFinite(seconds) ? Math.min(Math.max(seconds * 1000, 0), RETRY_AFTER_MS_MAX) : 0;
  return Math.max(asked, FIRST_DELAY_MS * 2 ** (tries - 1));
}

/** The network's own trouble; a certificate that is not accepted will not be the next time. */
const PASSING = /^(?!EPROTO$)(E[A-Z]+|EAI_AGAIN|UND_ERR_[A-Z_]+)$/;

export function isPassing({ cause }: NoAnswer): boolean {
  if (cause instanceof DiagnosticsError) throw cause;
  return codesOf(cause).some((code) => PASSING.test(code)) || (cause instanceof Error && cause.name === 'TimeoutError');
}

/** A host with several addresses fails with one error each. */
function codesOf(error: unknown): string[] {
  if (error instanceof AggregateError) return error.errors.flatMap(codesOf);
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return typeof code === 'string' ? [code] : [];
}
