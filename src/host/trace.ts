import { printable } from '../diag/printable.js';
import { systemClock } from './clock.js';
import { withoutSecrets } from './secret.js';

/** What is told beside the output of a command, to find out why it did what it did. */
export const traceLevels = ['warn', 'info', 'debug'] as const;
export type TraceLevel = (typeof traceLevels)[number];

interface Trace {
  readonly least: number;
  readonly write: (line: string) => void;
}

let current: Trace | undefined;

/** From now on all that is at least as important as `level` goes to `write`, one line each with its end. */
export function traceInto(level: TraceLevel, write: (line: string) => void): void {
  current = { least: traceLevels.indexOf(level), write };
}

/** Nothing is traced any more. */
export function endTrace(): void {
  current = undefined;
}

export const isTraced = (level: TraceLevel): boolean => current !== undefined && traceLevels.indexOf(level) <= current.least;

/**
 * Tells one thing, if somebody listens: `text` is made only then. `area`: what it is about, such as `http`. Secrets are struck, and it
 * is one printable line; bodies of requests and answers are never told.
 */
export function trace(level: TraceLevel, area: string, text: () => string): void {
  if (!isTraced(level)) return;
  current!.write(`${systemClock.now().toISOString()} ${level} ${area}: ${printable(withoutSecrets(text()))}\n`);
}
