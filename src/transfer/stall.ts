import { TransferError } from './errors.js';

/** A storage that came back is gone on with; one that is full or dead holds a snapshot of the source open meanwhile. */
export const STALL_TIMEOUT_MS = 30 * 60_000;

/**
 * How long a copy or a comparison may last depends on the disk, so that what is limited is for how long nothing may move. Its signal
 * ends the work then, with TransferError MP6007.
 */
export class Stall implements Disposable {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;

  constructor(call: 'copy' | 'compare', timeoutMs: number) {
    this.timer = setTimeout(() => this.controller.abort(stalled(call, timeoutMs)), timeoutMs);
  }

  /** Ended by this, or by `signal`. */
  signal(signal: AbortSignal | undefined): AbortSignal {
    return AbortSignal.any([this.controller.signal, signal].filter((one) => one !== undefined));
  }

  moved(): void {
    this.timer.refresh();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.timer);
  }
}

const stalled = (call: string, timeoutMs: number): TransferError =>
  new TransferError({
    code: 'MP6007',
    call,
    detail: `nothing was read or written for ${Math.round(timeoutMs / 1000)} s, and it was stopped`,
    nextSteps: [
      'run the same plan again: what is complete is kept',
      'if it stops again, the storage of the source or of the volume does not answer: look whether it is full, and at the network before it',
    ],
  });
