import { vi } from 'vitest';

/**
 * Resolves with the probe's answer as soon as it throws no more, and rejects with what it throws when that does not come. The limit
 * is there to end what hangs; it says nothing about how fast anything is, as a busy machine is slow.
 */
export const eventually = <T>(probe: () => T | Promise<T>, intervalMs = 20): Promise<T> =>
  vi.waitFor(probe, { timeout: 100_000, interval: intervalMs }) as Promise<T>;
