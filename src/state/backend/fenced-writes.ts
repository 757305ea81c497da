import { DiagnosticsError } from '../../diag/diagnostic.js';
import type { HeldLock } from '../lock.js';
import type { DocumentName } from './state-backend.js';

const keyOf = ({ kind, name }: DocumentName): string => `${kind}/${name}`;

/** Somebody else has the lock now, or nobody: what this run does on is not known to whoever comes next. */
export class LockLostError extends DiagnosticsError {}

/** The record of a volume of `address` says so: the run that wrote it has begun later. */
export const lostToLaterLease = (address: string, run: string): LockLostError =>
  new LockLostError([
    {
      severity: 'error',
      code: 'MP3032',
      address,
      detail: `run ${run} has taken the VM over while this run worked, as a volume says; nothing was written to its record`,
      nextSteps: ['let that run finish: migplan lock list', 'then plan again'],
    },
  ]);

/** Which locks this process took and has not given back: what is written under one of them asks for it first. */
export class FencedWrites {
  private readonly held = new Map<string, string>();

  /** Id of the lock under which this process writes; undefined when it took none. */
  heldId(name: DocumentName): string | undefined {
    return this.held.get(keyOf(name));
  }

  async take(name: DocumentName, take: () => Promise<HeldLock>): Promise<HeldLock> {
    const lock = await take();
    const key = keyOf(name);
    this.held.set(key, lock.holder.id);
    return {
      ...lock,
      [Symbol.asyncDispose]: async () => {
        if (this.held.get(key) === lock.holder.id) this.held.delete(key);
        await lock[Symbol.asyncDispose]();
      },
    };
  }

  lost(name: DocumentName, place: string): LockLostError {
    return new LockLostError([
      {
        severity: 'error',
        code: 'MP3032',
        detail: `the lock of ${keyOf(name)} (${place}) was taken away while this run worked`,
        nextSteps: [
          'find out who took it: migplan lock list',
          'then plan again: what this run did last may not be known to the state',
        ],
      },
    ]);
  }
}
