import { holderText } from '../../apply/error-diagnostics.js';
import { type Diagnostic, DiagnosticsError } from '../../diag/diagnostic.js';
import type { DocumentName, ListedLock, StateBackend } from '../../state/backend/state-backend.js';
import { livenessOf } from '../../state/process-identity.js';

/** A lock that somebody has. Field names are public interface. */
export interface LockStatus {
  /** What it is of: `vm/NAME`, or `plan/ID`. */
  readonly address: string;
  /** What `force-unlock` takes. Absent: nobody tells. */
  readonly id?: string;
  readonly who?: string;
  readonly host?: string;
  readonly pid?: number;
  /** Such as `apply RUN`. */
  readonly operation?: string;
  /** ISO time. */
  readonly since?: string;
  /** Whole seconds since the run reported that it lives. Absent: it does not have to. */
  readonly heard_seconds_ago?: number;
  /** elsewhere: on another machine or in another container, and nobody can tell from here whether it lives. */
  readonly process: 'alive' | 'dead' | 'elsewhere';
}

const WORDS = { vms: 'vm', plans: 'plan', 'machine-types': 'machine-types', 'run-index': 'run-index' } as const;
const addressOf = ({ kind, name }: DocumentName): string => `${WORDS[kind]}/${name}`;

export const listLocks = async (backend: StateBackend): Promise<LockStatus[]> =>
  Promise.all((await backend.locks()).map((lock) => statusOf(lock, backend)));

async function statusOf({ of, held }: ListedLock, { type }: StateBackend): Promise<LockStatus> {
  const { holder, id, told, lease } = held;
  const life = holder === undefined ? 'elsewhere' : await livenessOf(holder);
  // Where other machines take locks, too, it may be a copy of this one that lives.
  const process = life !== 'restarted' ? life : type === 'local' ? 'dead' : 'elsewhere';
  const { who, since } = holder ?? told;
  return {
    address: addressOf(of),
    ...(id !== undefined && { id }),
    ...(who !== undefined && { who }),
    ...(holder !== undefined && { host: holder.host, pid: holder.pid, operation: holder.operation }),
    ...(since !== undefined && { since }),
    ...(lease !== undefined && { heard_seconds_ago: Math.round(lease.heardMs / 1000) }),
    process,
  };
}

export interface FoundLock {
  readonly address: string;
  /** Who has it, in words. */
  readonly holder: string;
  /** Throws DiagnosticsError MP3034 where it was given back meanwhile. */
  breakIt(): Promise<void>;
}

/** The lock with this id. DiagnosticsError MP3034: nobody has one; MP3009: its process is seen to live. */
export async function findLock(backend: StateBackend, id: string): Promise<FoundLock> {
  const lock = (await backend.locks(id)).find(({ held }) => held.id === id);
  if (lock === undefined) throw refused('MP3034', `nobody holds a lock with the id ${id}`, SEE);
  const address = addressOf(lock.of);
  const { holder } = lock.held;
  if (holder !== undefined && (await livenessOf(holder)) === 'alive')
    throw refused('MP3009', `${address} is held by ${holderText(lock.held)}, which is at work`, [
      `end it, and it gives the lock back: kill ${holder.pid}`,
    ]);
  return {
    address,
    holder: holderText(lock.held),
    breakIt: async () => {
      if (!(await backend.breakLock(lock.of, id)))
        throw refused('MP3034', `the lock of ${address} was given back meanwhile, or is another one now`, SEE);
    },
  };
}

const SEE = ['see which there are: migplan lock list'];

const refused = (code: Diagnostic['code'], detail: string, nextSteps: readonly string[]): DiagnosticsError =>
  new DiagnosticsError([{ severity: 'error', code, detail, nextSteps }]);
