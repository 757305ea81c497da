import type { Clock } from '../../host/clock.js';
import { uninterrupted } from '../../host/interruption.js';
import { trace } from '../../host/trace.js';
import { type Former, type HeldLock, LockHeldError, type LockHolder, mayLive, ownHolder } from '../lock.js';
import type { HttpClient } from './http-client.js';
import { type Content, type Envelope, formerOf } from './http-envelope.js';
import { fitToType, type LockInfo, lockInfo, lockInfoOf, shortId, type ToldHolder } from './http-lock-info.js';
import type { StateName } from './http-names.js';
import { withinCall } from './http-time.js';
import { lockPastShort, whoHas } from './http-who-has.js';
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
    const dead = new Set([holder.id]);
    for (let tries = 1; ; tries++) {
      const answer = await lockPastShort(this.parts, state, this.info(state, holder));
      if (answer.kind === 'ours') return this.held(state, holder, dead);
      const other = await this.holderWith(state, answer.told.id);
      if (tries === TRIES_MAX || other === undefined || (await mayLive(other)))
        throw new LockHeldError(this.place(state), other, fitToType(answer.told));
      dead.add(other.id);
      await this.parts.client.unlock(state, this.info(state, other));
    }
  }

  /** Dead or alive, as it stands there. */
  async holder(state: StateName): Promise<LockHolder | undefined> {
    return (await this.parts.client.read(state))?.holder;
  }

  /** As the server tells; where it does not say whose the lock is, as it stands there. */
  async isHeldBy(state: StateName, id: string): Promise<boolean> {
    const told = await this.whoHas(state);
    if (told === undefined) return false;
    return (told.id ?? (await this.holder(state))?.id) === id;
  }

  /** undefined: nobody. */
  whoHas(state: StateName): Promise<ToldHolder | undefined> {
    return whoHas(this.parts.client, state);
  }

  /** false: it is not held by this id (any more). `seen`: it is known to be dead. */
  async break(
    state: StateName,
    id: string,
    { whileHeld, seen }: { readonly whileHeld: () => Promise<void>; readonly seen: boolean },
  ): Promise<boolean> {
    const probe = this.probe(state);
    const dead = new Set(seen ? [id] : []);
    const answer = await lockPastShort(this.parts, state, probe);
    if (answer.kind === 'ours') {
      await this.clear(state, probe, dead);
      return false;
    }
    const heldBy = answer.told.id ?? (await this.holder(state))?.id;
    if (heldBy !== id) return false;
    await whileHeld();
    if (!(await this.parts.client.unlock(state, lockInfoOf(id, answer.told, this.path(state))))) return false;
    await this.clearIfFree(state, dead);
    return true;
  }

  /** `dead`: of whom nothing comes any more. */
  private async held(state: StateName, holder: LockHolder, dead: ReadonlySet<string>): Promise<HeldLock> {
    let former: Former | undefined;
    const enter = (found: Envelope | undefined) => {
      former = undead(found, dead);
      return { holder, former };
    };
    try {
      await this.tell(state, holder, { edit: enter, isOurs: () => true });
    } catch (error) {
      await this.parts.client.unlock(state, this.info(state, holder)).catch(() => undefined);
      throw error;
    }
    let released: Promise<void> | undefined;
    return {
      holder,
      ...(former !== undefined && { former }),
      settle: async () => {
        if (former !== undefined) await this.tell(state, holder, { edit: () => ({ holder }), isOurs: isHolder(holder) });
      },
      [Symbol.asyncDispose]: () => {
        released ??= this.release(state, holder);
        return released;
      },
    };
  }

  /**
   * Nothing of a lock that is another's by now. What the run did counts, and how it ended is told; a lock that stays is told to whoever comes
   * next, with the way to free it.
   */
  private release(state: StateName, holder: LockHolder): Promise<void> {
    return uninterrupted(() =>
      withinCall(this.parts.clock, async () => {
        // What cannot be struck out is overwritten by whoever takes the lock next.
        const edit = (found: Envelope | undefined) => ({ former: found?.former });
        await this.tell(state, holder, { edit, isOurs: isHolder(holder) }).catch(() => undefined);
        await this.parts.client
          .unlock(state, this.info(state, holder))
          .catch((error: unknown) => trace('warn', 'state', () => `${this.place(state)} was not given back: ${String(error)}`));
      }),
    );
  }

  /** Who had the lock is refused its next write also by a server that takes writes without a lock. */
  private async clearIfFree(state: StateName, dead: ReadonlySet<string>): Promise<void> {
    const probe = this.probe(state);
    if ((await this.parts.client.lock(state, probe)).kind === 'ours') await this.clear(state, probe, dead);
  }

  private async clear(state: StateName, probe: LockInfo, dead: ReadonlySet<string>): Promise<void> {
    try {
      if ((await this.holder(state)) !== undefined)
        await this.tell(state, { id: probe.ID }, { edit: (found) => ({ former: undead(found, dead) }), isOurs: () => true });
    } finally {
      await this.parts.client.unlock(state, probe);
    }
  }

  private tell(
    state: StateName,
    { id }: Pick<LockHolder, 'id'>,
    {
      edit,
      isOurs,
    }: {
      readonly edit: (found: Envelope | undefined) => Pick<Content, 'holder' | 'former'>;
      readonly isOurs: (found: Envelope | undefined) => boolean;
    },
  ): Promise<void> {
    const whole = (found: Envelope | undefined) => ({ ...edit(found), document: found?.document });
    return this.parts.writer.write({ state, id, edit: whole, isOurs, lost: () => this.parts.lost(state) });
  }

  private async holderWith(state: StateName, id: string | undefined): Promise<LockHolder | undefined> {
    const holder = id === undefined ? undefined : await this.holder(state);
    return holder?.id === id ? holder : undefined;
  }

  private readonly path = (state: StateName): string => this.parts.client.place('state', state);
  private readonly info = (state: StateName, holder: LockHolder): LockInfo =>
    lockInfo(holder, { version: this.parts.version, path: this.path(state) });
  private readonly probe = (state: StateName): LockInfo =>
    lockInfoOf(shortId(), { since: this.parts.clock.now().toISOString() }, this.path(state));
}

const isHolder =
  ({ id }: LockHolder) =>
  (found: Envelope | undefined): boolean =>
    found?.holder?.id === id;

function undead(found: Envelope | undefined, dead: ReadonlySet<string>): Former | undefined {
  const former = formerOf(found);
  return former !== undefined && former !== 'unknown' && dead.has(former.id) ? undefined : former;
}
