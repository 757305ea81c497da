import pLimit from 'p-limit';
import { untilInterrupted } from '../../../host/interruption.js';
import type { VolumeId } from '../../../model/ids.js';

export interface SlotOptions {
  /** Volumes on the server at the same time. */
  readonly max: number;
  /** What is on the server now, whoever attached it. */
  attached(): Promise<readonly VolumeId[]>;
  /** Why it cannot work, when `others` are not ours and stay. */
  tooMany(asked: number, others: number): Error;
}

/**
 * Hands out the server's slots for volumes to the work of this process: all that a piece of work needs or none, first come first
 * served, so that no two of them wait for each other with half of what they need.
 */
export class AttachSlots {
  private readonly taken = new Set<readonly VolumeId[]>();
  private readonly turn = pLimit(1);
  private freed: Later = later();
  constructor(private readonly options: SlotOptions) {}

  /** Rejects with the signal's reason as soon as it is aborted, whoever stands before. */
  async take(volumes: readonly VolumeId[], signal: AbortSignal): Promise<AsyncDisposable> {
    const turn = this.turn(() => this.whenFree([...volumes], signal));
    try {
      return await untilInterrupted(turn, signal);
    } catch (error) {
      // They may have come in the same moment.
      turn.then(
        (slots) => slots[Symbol.asyncDispose](),
        () => undefined,
      );
      throw error;
    }
  }

  /** Each turn but the last waits for other work of this process to end, or for the abort. */
  private async whenFree(volumes: readonly VolumeId[], signal: AbortSignal): Promise<AsyncDisposable> {
    const onAbort = (): void => this.freed.resolve();
    signal.addEventListener('abort', onAbort);
    try {
      for (;;) {
        signal.throwIfAborted();
        // Before counting: what is given back meanwhile must not be missed.
        this.freed = later();
        if (await this.hasRoom(volumes)) break;
        signal.throwIfAborted();
        await this.freed.promise;
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
    this.taken.add(volumes);
    return {
      [Symbol.asyncDispose]: async () => {
        this.taken.delete(volumes);
        this.freed.resolve();
      },
    };
  }

  private async hasRoom(volumes: readonly VolumeId[]): Promise<boolean> {
    const { max, attached, tooMany } = this.options;
    const ours = new Set([...this.taken].flat());
    const others = (await attached()).filter((volume) => !ours.has(volume) && !volumes.includes(volume)).length;
    if (others + volumes.length > max) throw tooMany(volumes.length, others);
    return others + ours.size + volumes.length <= max;
  }
}

interface Later {
  readonly promise: Promise<void>;
  resolve(): void;
}

function later(): Later {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
