/** Turns Ctrl-C and SIGTERM into an abort; the second one ends the process at once. */
export interface Interrupts extends Disposable {
  readonly signal: AbortSignal;
  /** The signal that came; undefined as long as none has. */
  readonly received: NodeJS.Signals | undefined;
}

const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const EXIT_BASE = 128;
const NUMBERS: Readonly<Partial<Record<NodeJS.Signals, number>>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

export function catchInterrupts(onFirst: () => void): Interrupts {
  const controller = new AbortController();
  let received: NodeJS.Signals | undefined;
  const handler = (signal: NodeJS.Signals): void => {
    if (received !== undefined) process.exit(EXIT_BASE + (NUMBERS[signal] ?? 0));
    received = signal;
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
