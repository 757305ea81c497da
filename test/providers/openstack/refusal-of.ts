import { expect } from 'vitest';
import { ProviderError } from '../../../src/contracts/provider-error.js';

/** The ProviderError that a promise ends in, as `kind code detail`, with the rest in `error`. */
export async function refusalOf(promise: Promise<unknown>): Promise<{ readonly said: string; readonly error: ProviderError }> {
  const error = await promise.then(
    (value) => new Error(`no error, but ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProviderError)) return expect.unreachable(String(error));
  const { kind, code, detail } = error.details;
  return { said: `${kind} ${code} ${detail}`, error };
}
