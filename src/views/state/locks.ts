import type { LockStatus } from '../../engine/state/locks.js';
import { jsonText, selectView } from '../printable.js';
import { tableLines } from '../table.js';
import type { ViewOptions } from '../view-options.js';

/** What `lock list` and `force-unlock` have to say. */
export interface LocksView {
  locks(locks: readonly LockStatus[]): void;
  unlocked(lock: { readonly address: string; readonly holder: string }): void;
}

export const locksView = (options: ViewOptions): LocksView => selectView(options, { human: humanView, json: jsonView });

const HEADINGS = ['of', 'who', 'host', 'pid', 'operation', 'since', 'process', 'id'] as const;

const humanView = ({ streams }: ViewOptions): LocksView => ({
  locks(locks) {
    if (locks.length === 0) return streams.out('No locks: nobody works on a VM of this project.\n');
    for (const line of tableLines([HEADINGS, ...locks.map(cellsOf)])) streams.out(`${line}\n`);
  },
  unlocked({ address, holder }) {
    streams.out(`The lock of ${address} is free. It was held by ${holder}.\n`);
  },
});

const cellsOf = (lock: LockStatus): string[] =>
  [lock.address, lock.who, lock.host, lock.pid, lock.operation, lock.since, seenText(lock), lock.id].map((cell) =>
    String(cell ?? '-'),
  );

function seenText({ process, heard_seconds_ago: heard }: LockStatus): string {
  if (process !== 'elsewhere') return process;
  return heard === undefined ? 'not seen' : `heard of ${heard}s ago`;
}

const jsonView = ({ streams }: ViewOptions): LocksView => ({
  locks: (locks) => streams.out(`${jsonText({ format_version: '1.0', locks }, 2)}\n`),
  unlocked: ({ address }) => streams.out(`${jsonText({ format_version: '1.0', unlocked: address }, 2)}\n`),
});
