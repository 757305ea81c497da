import { TIMING_DEFAULTS, type VmwareConfig } from './config.js';
import { backoffMs, Deadline } from './soap/backoff.js';
import { TransportFailure } from './soap/failure.js';
import type { Session } from './soap/session.js';
import { asFault, isFault } from './soap/vim-fault.js';
import { waitForForeignTask } from './tasks.js';

/** What every operation on a VM needs. */
export interface VmwareContext {
  readonly config: VmwareConfig;
  readonly session: Session;
}

const LOCK_BACKOFF = { firstMs: 30_000, longestMs: 10 * 60_000 };
const STATE_WAIT_MS = 10_000;
/** A request whose answer was lost may still be on its way into vCenter. */
const SETTLE_MS = 5_000;
const BUSY_WAIT_MS = 1_000;
const SHORT_TRIES_MAX = 3;

/** How long an operation waits for what stands in its way: other tasks, locked files, broken connections. */
export class RetryBudget {
  private readonly deadline: Deadline;
  private tries = 0;

  constructor(
    private readonly context: VmwareContext,
    private readonly call: string,
  ) {
    this.deadline = new Deadline(
      context.session.environment.clock,
      context.config.busyTimeoutMs ?? TIMING_DEFAULTS.busyTimeoutMs,
    );
  }

  /**
   * Resolves when it is worth to look again, and then to try again if the effect is not there. Throws the error itself
   * when waiting does not help or has taken too long.
   */
  async waitOut(error: unknown): Promise<void> {
    const tries = this.tries++;
    if (this.deadline.hasPassed) throw error;
    const { clock, random } = this.context.session.environment;
    const inTheWay = asFault(error, 'TaskInProgress')?.task;
    if (inTheWay !== undefined) {
      await waitForForeignTask(this.context.session, inTheWay, { call: this.call, timeoutMs: this.deadline.afterMs });
      return clock.sleep(BUSY_WAIT_MS);
    }
    if (isFault(error, 'FileLocked')) return clock.sleep(backoffMs(LOCK_BACKOFF, tries, random));
    if (tries < SHORT_TRIES_MAX && isPassingState(error)) return clock.sleep(STATE_WAIT_MS);
    if (tries < SHORT_TRIES_MAX && isUnknown(error)) return clock.sleep(SETTLE_MS);
    throw error;
  }
}

/** Such as a VM that is being moved to another host. */
const isPassingState = (error: unknown): boolean => isFault(error, 'InvalidState') && !isFault(error, 'InvalidPowerState');

/** Without an answer that can be read, only the effect tells what happened. */
const isUnknown = (error: unknown): boolean => error instanceof TransportFailure && error.reason !== 'untrusted';
