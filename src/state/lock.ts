import { randomUUID } from 'node:crypto';
import { own } from '../model/own.js';
import { asIdentity, livenessOf, ownIdentity, type ProcessIdentity } from './process-identity.js';

/** Who holds a lock; kept with it, shown to whoever comes second. */
export interface LockHolder extends ProcessIdentity {
  readonly id: string;
  readonly since: string;
  readonly operation: string;
}

export class LockHeldError extends Error {
  override readonly name = 'LockHeldError';
  constructor(
    /** Of the lock: a file, or what its backend calls it. */
    readonly place: string,
    readonly holder: LockHolder | undefined,
    /** What a server tells of a holder that is no process of migplan's, or did not say who it is. */
    readonly told: { readonly id?: string; readonly who?: string; readonly since?: string } = {},
    /** Of a lock whose holder has to report that it lives. */
    readonly lease: HeldLease | undefined = undefined,
  ) {
    super(
      `${place} is held by ${holder === undefined ? (told.who ?? 'someone unknown') : `${holder.who} (pid ${holder.pid} on ${holder.host})`}`,
    );
  }

  /** What takes it away by force; undefined where nobody tells. */
  get id(): string | undefined {
    return this.holder?.id ?? this.told.id;
  }
}

/** How a holder that has to report that it lives was heard. */
export interface HeldLease {
  /** Since the last report, by the clock of the server. */
  readonly heardMs: number;
  /** It should have reported long ago: if it still does not, the lock is taken over in so many milliseconds. */
  readonly freeInMs?: number;
}

export interface HeldLock extends AsyncDisposable {
  readonly holder: LockHolder;
  /** How often this lock was taken, by anybody. Absent where no other machine takes it. */
  readonly number?: number;
  /** Aborted when the lock is lost, with the error that work under it ends with. Absent where no other machine takes it. */
  readonly lost?: AbortSignal;
  /** Whose end nobody has seen, of the holders before: its writers may have written later than is known. */
  readonly former?: Former;
  /** Strikes `former` out, durably: what it had begun is known elsewhere by now, or finished and proven. Twice is fine. */
  readonly settle?: () => Promise<void>;
}

/** `unknown`: somebody, of whom nothing is known any more. */
export type Former = LockHolder | 'unknown';

/** What stands at the place of a former holder: damage there is no proof that there was none. */
export const asFormer = (value: unknown): Former | undefined =>
  value === undefined || value === null ? undefined : (asHolder(value) ?? 'unknown');

/** undefined for what no run of migplan wrote. */
export function asHolder(value: unknown): LockHolder | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const holder = value as Readonly<Record<string, unknown>>;
  const areTexts = ['id', 'since', 'operation'].every((key) => typeof own(holder, key) === 'string');
  return areTexts && asIdentity(value) !== undefined ? (value as LockHolder) : undefined;
}

/** This process, as it takes one lock. */
export async function ownHolder(operation: string, now: Date): Promise<LockHolder> {
  return { id: randomUUID(), ...(await ownIdentity()), since: now.toISOString(), operation };
}

/** Who cannot be looked up is taken for alive: breaking the lock of a running process is worse than asking a person. */
export const isAlive = async (holder: LockHolder): Promise<boolean> => !['dead', 'restarted'].includes(await livenessOf(holder));

/** The same where other machines take the lock, too: copies of this one among them. */
export const mayLive = async (holder: LockHolder): Promise<boolean> => (await livenessOf(holder)) !== 'dead';
