import { DiagnosticsError } from '../../diag/diagnostic.js';
import type { Clock } from '../../host/clock.js';
import { type HttpAnswer, isBusy, NoAnswer } from './http-answer.js';
import type { HttpExchange, HttpRequest } from './http-exchange.js';
import { unreachable } from './http-refusal.js';
import { leftMs } from './http-time.js';

const FIRST_DELAY_MS = 500;
const DELAY_MS_MAX = 4000;
const RETRY_AFTER_MS_MAX = 10_000;

export interface Heard {
  readonly answer: HttpAnswer;
  /** An earlier try may have been carried out, and its answer was lost. */
  readonly isRepeated: boolean;
}

/**
 * Asks what may be asked twice, for as long as the exchange has patience. An answer is an answer, whatever its status. DiagnosticsError
 * MP3033 where there is none.
 */
export async function attempt(exchange: HttpExchange, request: HttpRequest, clock: Clock): Promise<Heard> {
  const sinceMs = clock.monotonicMs();
  for (let tries = 1; ; tries++) {
    const came = await exchange.send(request).catch(noAnswer);
    const waitMs = delayMs(tries, came);
    const isOver = clock.monotonicMs() + waitMs > sinceMs + exchange.patienceMs || waitMs >= leftMs(clock);
    if (isOver || !mayPass(came)) return heard(came, tries > 1);
    await clock.sleep(waitMs);
  }
}

function heard(came: HttpAnswer | NoAnswer, isRepeated: boolean): Heard {
  if (came instanceof NoAnswer) throw unreachable(came);
  return { answer: came, isRepeated };
}

/** Whether the same may be asked again a little later. */
export const mayPass = (came: HttpAnswer | NoAnswer): boolean => (came instanceof NoAnswer ? isPassing(came) : isBusy(came));

function noAnswer(error: unknown): NoAnswer {
  if (error instanceof NoAnswer) return error;
  throw error;
}

/** How long to wait after so many tries; a busy server may say so itself. */
export function delayMs(tries: number, came: HttpAnswer | NoAnswer): number {
  const seconds = Number(came instanceof NoAnswer ? 0 : (came.headers['retry-after'] ?? 0));
  const asked = Number.isFinite(seconds) ? Math.min(Math.max(seconds * 1000, 0), RETRY_AFTER_MS_MAX) : 0;
  return Math.max(asked, Math.min(FIRST_DELAY_MS * 2 ** (tries - 1), DELAY_MS_MAX));
}

/** The network's own trouble; a certificate that is not accepted will not be the next time. */
const PASSING = /^(?!EPROTO$)(E[A-Z]+|EAI_AGAIN|UND_ERR_[A-Z_]+)$/;

function isPassing({ cause }: NoAnswer): boolean {
  if (cause instanceof DiagnosticsError) throw cause;
  return codesOf(cause).some((code) => PASSING.test(code)) || (cause instanceof Error && cause.name === 'TimeoutError');
}

/** A host with several addresses fails with one error each. */
function codesOf(error: unknown): string[] {
  if (error instanceof AggregateError) return error.errors.flatMap(codesOf);
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return typeof code === 'string' ? [code] : [];
}
