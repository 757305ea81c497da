import type { Clock } from '../../host/clock.js';
import { asFormer, asHolder, type Former, type LockHolder } from '../lock.js';
import { livenessOf } from '../process-identity.js';
import { termsOf } from './lease-keeper.js';
import type { DocumentKind } from './state-backend.js';

/** A lock as its row says. */
export interface StoredLock {
  readonly kind: DocumentKind;
  readonly name: string;
  readonly id: string;
  readonly holder: string;
  /** When the holder was heard last, as the server writes it: only whether it is the same counts. */
  readonly heard: string;
  readonly heardMs: number;
  readonly leaseMs: number;
}

/** Longer than the clock of any server leaps. */
const FORGOTTEN_MS = 24 * 3_600_000;

/** What this process has seen itself of locks that it waits for, by its own timer. */
export class LeaseWatch {
  private readonly watched = new Map<string, { readonly heard: string; readonly sinceMs: number }>();

  constructor(private readonly clock: Clock) {}

  /** Milliseconds for which this process has still to look on and hear nothing. */
  leftMs(other: StoredLock): number {
    const nowMs = this.clock.monotonicMs();
    const before = this.watched.get(keyOf(other));
    const sinceMs = before?.heard === other.heard ? before.sinceMs : nowMs;
    this.watched.set(keyOf(other), { heard: other.heard, sinceMs });
    return termsOf(other.leaseMs).watchMs - (nowMs - sinceMs);
  }
}

const keyOf = ({ kind, name, id }: StoredLock): string => `${kind}/${name} ${id}`;

/** undefined for what no run of migplan wrote. */
export const holderOf = ({ holder }: Pick<StoredLock, 'holder'>): LockHolder | undefined => asHolder(parsed(holder));

/** As it stands in a row. */
export const formerOf = (former: string | null): Former | undefined =>
  former === null ? undefined : (asFormer(parsed(former)) ?? 'unknown');

/** Nobody comes back to the plan of one apply; a lock of a VM is left to whoever works on it next. */
export const isForgotten = ({ kind, heardMs, leaseMs }: StoredLock): boolean =>
  kind === 'plans' && heardMs > FORGOTTEN_MS + leaseMs;

export const isUnheard = ({ heardMs, leaseMs }: StoredLock): boolean => heardMs > leaseMs;

/**
 * Its process is gone from this machine. Of one that was started again it may be that of a copy, which writes until half of its lease is
 * over: it counts as any other that is not heard of.
 */
export async function isDead(stored: StoredLock): Promise<boolean> {
  const known = holderOf(stored);
  return known !== undefined && (await livenessOf(known)) === 'dead';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
