import { formatBytes } from '../../model/format.js';
import { type DiskKey, MiB } from '../../model/ids.js';
import type { ObservedVm } from '../../model/observed-source.js';
import { isOwnSnapshot } from '../../model/own-names.js';
import { chanceOfFinding } from '../../model/sample.js';
import type { MaintenanceWindow } from '../../model/window.js';
import type { DiskSync, SyncDoubt, SyncVerification } from '../core/action.js';
import { blocksFor } from '../core/blocks-compared.js';
import type { PlanContext } from '../core/plan-context.js';
import { cbtFaultOf } from './cbt-faults.js';

/** What is compared at a time, and what a fault is counted in. */
export const VERIFY_BLOCK_BYTES = 65_536;

/** What comparing reads a second, with room to spare: reading through an ESXi host gives 60 to 150 MB. */
const RATE = 60 * MiB;
/** Of a window, what the comparison before a cutover may take. */
const SHARE_OF_WINDOW = 1 / 4;
const SHARE_OF_DOWNTIME = 1 / 2;
const SECONDS_WITHOUT_WINDOW = 30 * 60;

/**
 * How a sync reads back what it made. What was copied is always compared again. Of the rest blocks are drawn by lot, the more
 * the more there is to doubt. Before the first step of a cutover that cannot be undone, disks are compared as a whole as
 * far as there is time.
 */
export function verificationOf(
  context: PlanContext,
  { stage, disks }: { readonly stage: 'live' | 'final' | 'cold'; readonly disks: readonly DiskSync[] },
  place: 'before-cutover' | 'other',
): SyncVerification {
  const { desired } = context;
  if (desired.verify === 'off') return { mode: 'off' };
  const doubts = doubtsOf(context, disks);
  const full =
    desired.verify === 'full' ? disks.map(({ disk }) => disk) : place === 'other' ? [] : smallEnough(context, stage, disks);
  return { mode: 'compare', full, blocks: blocksFor(doubts), doubts };
}

/** Only what tracking reports can be incomplete: a copy of all of a disk gives nothing to doubt. */
function doubtsOf({ vm, observed }: PlanContext, disks: readonly DiskSync[]): SyncDoubt[] {
  const tracked = disks.filter(({ mode, partial }) => mode === 'delta' || partial !== undefined);
  if (tracked.length === 0) return [];
  const fault = cbtFaultOf(vm);
  const isFirst = tracked.some(
    ({ mode, disk }) => mode === 'delta' && (observed.local.deltaHistory[String(disk)] ?? []).length === 0,
  );
  return [
    ...(isFirst ? [{ kind: 'first-delta' } as const] : []),
    ...(hasForeignSnapshot(vm) ? [{ kind: 'foreign-snapshot' } as const] : []),
    ...(fault === undefined ? [] : [{ kind: 'known-fault', what: fault } as const]),
  ];
}

const hasForeignSnapshot = ({ snapshots }: ObservedVm): boolean => snapshots.some((one) => !isOwnSnapshot(one));

/** As many disks as there is time for, small ones first. */
function smallEnough({ desired }: PlanContext, stage: 'live' | 'final' | 'cold', disks: readonly DiskSync[]): DiskKey[] {
  const { downtimeSeconds = Number.POSITIVE_INFINITY } = desired.limits;
  const seconds = Math.min(
    desired.window === undefined ? SECONDS_WITHOUT_WINDOW : lengthOf(desired.window) * SHARE_OF_WINDOW,
    stage === 'live' ? Number.POSITIVE_INFINITY : downtimeSeconds * SHARE_OF_DOWNTIME,
  );
  let left = seconds * RATE;
  const chosen: DiskKey[] = [];
  for (const { disk, capacity } of [...disks].sort((a, b) => a.capacity - b.capacity)) {
    left -= capacity;
    if (left < 0) break;
    chosen.push(disk);
  }
  return disks.map(({ disk }) => disk).filter((disk) => chosen.includes(disk));
}

const lengthOf = (window: MaintenanceWindow): number =>
  window.kind === 'cron' ? window.durationSeconds : (Date.parse(window.end) - Date.parse(window.start)) / 1000;

/** What comparing reads of the disk, from each side: exactly, or besides what the sync will have copied. */
export function verificationBytes(
  verification: SyncVerification,
  { disk, capacity, mode }: Pick<DiskSync, 'disk' | 'capacity' | 'mode'>,
): { readonly bytes: number; readonly andCopied: boolean } {
  if (verification.mode === 'off') return { bytes: 0, andCopied: false };
  if (verification.full.includes(disk)) return { bytes: capacity, andCopied: false };
  return { bytes: Math.min(capacity, verification.blocks * VERIFY_BLOCK_BYTES), andCopied: mode === 'delta' };
}

/** Shares of the blocks that a fault touches, by which the power of a comparison is told: the smallest that is found like this. */
const FAULT_SHARES = [0.0001, 0.001, 0.01];
const FOUND_WITH = 0.95;
/** Only what was compared as a whole is certain. */
const MOST_CERTAIN = 0.9999;

/**
 * `1,024 blocks compared, a fault of 1 % is found with 99.99 %`: never more than is true. `total` is of which the blocks are
 * drawn; with all of them compared nothing is left to chance. `where` stands after the blocks.
 */
export function powerText(compared: number, total: number, where = ''): string {
  if (compared >= total) return `all ${count(total)} ${total === 1 ? 'block' : 'blocks'}${where} compared`;
  const chanceOf = (share: number): number => chanceOfFinding({ blocks: total, faulty: Math.ceil(total * share), compared });
  const share = FAULT_SHARES.find((candidate) => chanceOf(candidate) >= FOUND_WITH) ?? FAULT_SHARES.at(-1)!;
  const chance = Math.floor(Math.min(chanceOf(share), MOST_CERTAIN) * 10_000) / 100;
  return `${count(compared)} blocks${where} compared, a fault of ${share * 100} % is found with ${chance.toFixed(2)} %`;
}

const count = (number: number): string => String(number).replace(/\B(?=(\d{3})+$)/g, ',');

/** Of what was copied. */
export const OUTSIDE = ' outside of it';

/** One disk's part of a verification, for people. */
export function verificationText(verification: SyncVerification, sync: Pick<DiskSync, 'disk' | 'capacity' | 'mode'>): string {
  if (verification.mode === 'off') return 'off: nothing is read back';
  const { bytes, andCopied } = verificationBytes(verification, sync);
  if (verification.full.includes(sync.disk)) return `all of the disk is compared (reads ${formatBytes(bytes)} on each side)`;
  const total = Math.ceil(sync.capacity / VERIFY_BLOCK_BYTES);
  const power = powerText(Math.min(verification.blocks, total), total, andCopied ? OUTSIDE : '');
  const sample = andCopied
    ? `what is copied is read back; ${power} (reads ${formatBytes(bytes)} and the delta on each side)`
    : `${power} (reads ${formatBytes(bytes)} on each side)`;
  return [sample, ...verification.doubts.map(doubtText)].join('; ');
}

function doubtText(doubt: SyncDoubt): string {
  switch (doubt.kind) {
    case 'first-delta':
      return 'more than usual, because it is the first delta';
    case 'foreign-snapshot':
      return 'more than usual, because of snapshots that others made';
    case 'known-fault':
      return `more than usual, because of ${doubt.what}`;
  }
}
