/** What a lock says of its holder, with the keys of the protocol. More keys are kept as they came. */
export interface LockInfo {
  readonly ID: string;
  readonly [key: string]: unknown;
}

/** One state under its name. */
export interface StoredState {
  /** Bytes of every version that is kept, by its number. */
  readonly versions: Map<number, Buffer>;
  lock: LockInfo | undefined;
}

/** All states of a server, in memory. */
export class StateStore {
  private readonly states = new Map<string, StoredState>();

  names(): string[] {
    return [...this.states.keys()].sort();
  }

  find(name: string): StoredState | undefined {
    return this.states.get(name);
  }

  findOrCreate(name: string): StoredState {
    const state = this.states.get(name) ?? { versions: new Map<number, Buffer>(), lock: undefined };
    this.states.set(name, state);
    return state;
  }

  remove(name: string): void {
    this.states.delete(name);
  }

  clear(): void {
    this.states.clear();
  }
}

/** The bytes a reader gets: those of the highest number. */
export function latestOf({ versions }: StoredState): Buffer | undefined {
  return versions.size === 0 ? undefined : versions.get(Math.max(...versions.keys()));
}

/** Keeps the bytes under the number after the highest. */
export function append({ versions }: StoredState, bytes: Buffer): void {
  versions.set(Math.max(0, ...versions.keys()) + 1, bytes);
}
