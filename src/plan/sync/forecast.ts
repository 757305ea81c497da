import type { TransferForecast } from '../core/action.js';

const SAMPLES_MAX = 5;

/**
 * A running VM's delta is not known without a snapshot: the mean write rate of the last syncs times the time since the
 * last one. `unknown` without history.
 */
export function forecastDelta(
  history: readonly { readonly bytes: number; readonly intervalSeconds: number }[],
  secondsSinceLastSync: number | undefined,
  capacity: number,
): TransferForecast {
  const samples = history.filter(({ intervalSeconds }) => intervalSeconds > 0).slice(0, SAMPLES_MAX);
  if (samples.length === 0 || secondsSinceLastSync === undefined) return { confidence: 'unknown' };
  const bytes = samples.reduce((sum, sample) => sum + sample.bytes, 0);
  const seconds = samples.reduce((sum, sample) => sum + sample.intervalSeconds, 0);
  return { confidence: 'estimate', bytes: Math.min(capacity, Math.round((bytes / seconds) * Math.max(0, secondsSinceLastSync))) };
}
