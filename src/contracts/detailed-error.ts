/** What every error extends that a data plane or a converter throws, and ProviderError: any other is told as a bug. */
export { DetailedError } from '../diag/detailed-error.js';
