import type { Clock } from '../../host/clock.js';
import { uninterrupted } from '../../host/interruption.js';
import { newUuid } from '../../host/random.js';
import { type HeldLock, isAlive, LockHeldError, type LockHolder, ownHolder } from '../lock.js';
import type { HttpClient } from './http-client.js';
import type { Envelope } from './http-envelope.js';
import { type LockInfo, lockInfo, lockInfoOf } from './http-lock-info.js';
import { keyOf, type StateName } from './http-names.js';
import { stillLocked } from './http-refusal.js';
import { withinCall } from './http-time.js';
import type { HttpWriter } from './http-writer.js';

const TRIES_MAX = 5;

export interface HttpLocksParts {
  readonly client: HttpClient;
  readonly writer: HttpWriter;
  readonly clock: Clock;
  /** Of migplan, for whoever looks at the server. */
  readonly version: string;
  /** What a write of this process meets when its lock is another's. */
  readonly lost: (state: StateName) => Error;
}

/** Locks of the server; beside each stands who has it, which some servers do not tell. */
export class HttpLocks {
  constructor(private readonly parts: HttpLocksParts) {}

  place(state: StateName): string {
    return this.parts.client.place('lock', state);
  }

  async take(state: StateName, operation: string, now: Date): Promise<HeldLock> {
    const holder = await ownHolder(operation, now);
    for (let tries = 1; ; tries++) {
      const answer = await this.parts.client.lock(state, this.info(state, holder));
      if (answer.kind === 'ours') return this.held(state, holder);
      const other = await this.holderWith(state, answer.told.id);
      if (tries === TRIES_MAX || other === undefined || (await isAlive(other)))
        throw new LockHeldError(this.place(state), other, answer.told);
      await this.parts.client.unlock(state, this.info(state, other));
    }
  }

  /** Dead or alive, as it stands there. */
  async holder(state: StateName): Promise<LockHolder | undefined> {
    return (await this.parts.client.read(state))?.holder;
  }

  /** false: it is not held by this id (any more). */
  async break(state: StateName, id: string): Promise<boolean> {
    const probe = this.probe(state);
    const answer = await this.parts.client.lock(state, probe);
    if (answer.kind === 'ours') {
      await this.clear(state, probe);
      return false;
    }
    const heldBy = answer.told.id ?? (await this.holder(state))?.id;
    if (heldBy !== id || !(await this.parts.client.unlock(state, lockInfoOf(id, answer.told, this.path(state))))) return false;
    await this.clearIfFree(state);
    return true;
  }

  private async held(state: StateName, holder: LockHolder): Promise<HeldLock> {
    try {
      await this.tell(state, holder, { holder, isOurs: () => true });
    } catch (error) {
      await this.parts.client.unlock(state, this.info(state, holder)).catch(() => undefined);
      throw error;
    }
    let released: Promise<void> | undefined;
    return {
      holder,
      [Symbol.asyncDispose]: () => {
        released ??= this.release(state, holder);
        return released;
      },
    };
  }

  /** Nothing of a lock that is another's by now. DiagnosticsError MP3033 where it stays held. */
  private release(state: StateName, holder: LockHolder): Promise<void> {
    return uninterrupted(() =>
      withinCall(this.parts.clock, async () => {
        const isOurs = (found: Envelope | undefined) => found?.holder?.id === holder.id;
        // What cannot be struck out is overwritten by whoever takes the lock next.
        await this.tell(state, holder, { holder: undefined, isOurs }).catch(() => undefined);
        try {
          await this.parts.client.unlock(state, this.info(state, holder));
        } catch (error) {
          throw stillLocked(keyOf(state), error);
        }
      }),
    );
  }

  /** Who had the lock is refused its next write also by a server that takes writes without a lock. */
  private async clearIfFree(state: StateName): Promise<void> {
    const probe = this.probe(state);
    if ((await this.parts.client.lock(state, probe)).kind === 'ours') await this.clear(state, probe);
  }

  private async clear(state: StateName, probe: LockInfo): Promise<void> {
    try {
      if ((await this.holder(state)) !== undefined)
        await this.tell(state, { id: probe.ID }, { holder: undefined, isOurs: () => true });
    } finally {
      await this.parts.client.unlock(state, probe);
    }
  }

  private tell(
    state: StateName,
    { id }: Pick<LockHolder, 'id'>,
    { holder, isOurs }: { readonly holder: LockHolder | undefined; readonly isOurs: (found: Envelope | undefined) => boolean },
  ): Promise<void> {
    const edit = (found: Envelope | undefined) => ({ holder, document: found?.document });
    return this.parts.writer.write({ state, id, edit, isOurs, lost: () => this.parts.lost(state) });
  }

  private async holderWith(state: StateName, id: string | undefined): Promise<LockHolder | undefined> {
    const holder = id === undefined ? undefined : await this.holder(state);
    return holder?.id === id ? holder : undefined;
  }

  private readonly path = (state: StateName): string => this.parts.client.place('state', state);
  private readonly info = (state: StateName, holder: LockHolder): LockInfo =>
    lockInfo(holder, { version: this.parts.version, path: this.path(state) });
  private readonly probe = (state: StateName): LockInfo =>
    lockInfoOf(newUuid(), { since: this.parts.clock.now().toISOString() }, this.path(state));
}
