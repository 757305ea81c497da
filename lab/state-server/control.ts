import type { FaultRule, Faults } from './faults.js';
import { append, type LockInfo, latestOf, type StateStore } from './state-store.js';

/** A state as a test sees it. */
export interface StateView {
  /** What a reader gets; undefined when nothing was written yet. */
  readonly body: string | undefined;
  readonly lock: LockInfo | undefined;
  /** Numbers of the versions that are kept, in the order of writing: serials in GitLab's dialect. */
  readonly versions: readonly number[];
}

/** Looks behind the protocol and makes happen what another client, or the server's owner, would do. */
export interface StateControl {
  names(): string[];
  /** Undefined when there is none of the name. */
  state(name: string): StateView | undefined;
  /** Puts a version there, past every lock: with its number, or the next. */
  put(name: string, body: string, version?: number): void;
  /** Another frees the lock by force and takes it. */
  stealLock(name: string, lock: LockInfo): void;
  /** Another frees the lock by force. */
  freeLock(name: string): void;
  /** All states are gone, locks too. */
  forget(): void;
  /** Returns the rule's id. */
  addFault(rule: FaultRule): string;
  clearFaults(): void;
}

export function createControl(store: StateStore, faults: Faults): StateControl {
  return {
    names: () => store.names(),
    state: (name) => viewOf(store, name),
    put: (name, body, version) => {
      const state = store.findOrCreate(name);
      if (version === undefined) append(state, Buffer.from(body));
      else state.versions.set(version, Buffer.from(body));
    },
    stealLock: (name, lock) => {
      store.findOrCreate(name).lock = lock;
    },
    freeLock: (name) => {
      store.findOrCreate(name).lock = undefined;
    },
    forget: () => store.clear(),
    addFault: (rule) => faults.add(rule),
    clearFaults: () => faults.clear(),
  };
}

function viewOf(store: StateStore, name: string): StateView | undefined {
  const state = store.find(name);
  if (state === undefined) return undefined;
  return { body: latestOf(state)?.toString('utf8'), lock: state.lock, versions: [...state.versions.keys()] };
}
