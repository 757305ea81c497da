import { exitCodes } from '../diag/exit-codes.js';

/**
 * Turns Ctrl-C, SIGTERM and the loss of the terminal into an abort. Somebody who asks again, by Ctrl-C or SIGTERM, ends the
 * process at once. SIGHUP never counts as asking again: kernel and shell both send it when a terminal goes away, and service
 * managers send it right after SIGTERM.
 */
export interface Interrupts extends Disposable {
  readonly signal: AbortSignal;
  /** The signal that came first; undefined as long as none has. */
  readonly received: InterruptSignal | undefined;
}

export type InterruptSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

const SIGNALS: readonly InterruptSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** What a process that was stopped by this signal ends with. */
export function exitCodeOf(signal: InterruptSignal | undefined): number {
  switch (signal) {
    case 'SIGTERM':
      return exitCodes.terminated;
    case 'SIGHUP':
      return exitCodes.hungUp;
    case 'SIGINT':
    case undefined:
      return exitCodes.interrupted;
  }
}

/** `end` ends the process at once. */
export function catchInterrupts(onFirst: () => void, end: (code: number) => void = process.exit): Interrupts {
  const controller = new AbortController();
  let received: InterruptSignal | undefined;
  let asked = 0;
  const handler = (signal: NodeJS.Signals): void => {
    const which = signal as InterruptSignal;
    if (which !== 'SIGHUP' && ++asked > 1) return end(exitCodeOf(which));
    if (received !== undefined) return;
    received = which;
    onFirst();
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, handler);
  return {
    signal: controller.signal,
    get received() {
      return received;
    },
    [Symbol.dispose]() {
      for (const signal of SIGNALS) process.off(signal, handler);
    },
  };
}
