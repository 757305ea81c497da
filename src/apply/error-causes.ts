import { DetailedError } from '../diag/detailed-error.js';
import { DiagnosticsError } from '../diag/diagnostic.js';
import { withoutSecrets } from '../host/secret.js';
import { AlsoNotReleased } from './release-after.js';

/** One link of the chain that led to a failure. All texts are without secrets. */
export interface ErrorCause {
  /** Class of the error, such as ProviderError, or TypeError for a bug. */
  readonly name: string;
  readonly message: string;
  /** Of the operating system, such as ECONNREFUSED, or one of ours. */
  readonly code?: string;
  /** Lines of the stack, where only it explains the failure: of what is no known error. */
  readonly stack?: readonly string[];
}

const CAUSES_MAX = 12;
const CHARACTERS_MAX = 4_000;

/** What failed, then why, down to what the operating system said. Of two troubles, the work's own comes first. */
export function causesOf(error: unknown): ErrorCause[] {
  const causes: ErrorCause[] = [];
  const seen = new Set<unknown>();
  const walk = (one: unknown): void => {
    if (one === undefined || one === null || seen.has(one) || causes.length >= CAUSES_MAX) return;
    seen.add(one);
    if (!(one instanceof AlsoNotReleased)) causes.push(causeOf(one));
    for (const next of nextOf(one)) walk(next);
  };
  walk(error);
  return causes;
}

function nextOf(error: unknown): readonly unknown[] {
  if (error instanceof AlsoNotReleased) return [error.work, error.releasing];
  if (error instanceof AggregateError) return [...error.errors, error.cause];
  return error instanceof Error ? [error.cause] : [];
}

function causeOf(error: unknown): ErrorCause {
  if (!(error instanceof Error)) return { name: typeof error, message: short(String(error)) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const isKnown = error instanceof DetailedError || error instanceof DiagnosticsError || code !== undefined;
  return {
    name: error.name,
    message: short(error.message),
    ...(code !== undefined && { code }),
    ...(!isKnown && error.stack !== undefined && { stack: short(error.stack).split('\n') }),
  };
}

/** Cut only after secrets are struck: half of one would be left standing. */
const short = (text: string): string => withoutSecrets(text).slice(0, CHARACTERS_MAX);
