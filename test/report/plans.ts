import type { Action } from '../../src/plan/core/action.js';
import type { PlanFile } from '../../src/plan/file/plan-file.js';
import type { PlannedEntry } from '../../src/plan/file/planned-entry.js';
import type { LedgerEntries } from '../../src/state/vm-ledger.js';
import { emptyLedger } from '../../src/state/vm-ledger.js';
import { entries, samplePlan } from '../plan/sample-plan.js';

/** Another VM that is planned as `like` is. */
export function renamed(like: PlannedEntry, name: string, over: Partial<PlannedEntry> = {}): PlannedEntry {
  const diagnostics = like.diagnostics.map((one) => ({
    ...one,
    address: `vm/${name}`,
    detail: one.detail.replaceAll(like.name, name),
  }));
  return { ...like, address: `vm/${name}`, name, diagnostics, ...over };
}

/** What a delta is expected to copy, so that bars differ. */
function withDelta(entry: PlannedEntry, bytes: number): PlannedEntry {
  const actions = entry.actions.map((action): Action => {
    if (action.kind !== 'sync') return action;
    return { ...action, disks: action.disks.map((disk) => ({ ...disk, forecast: { confidence: 'estimate' as const, bytes } })) };
  });
  return { ...entry, actions };
}

const GiB = 2 ** 30;
const hours = (count: number): number => count * 3600;

const windows = [
  { kind: 'cron', name: 'weeknights', cron: '0 20 * * 1-5', durationSeconds: hours(2), timezone: 'UTC' },
  { kind: 'cron', name: 'weekend', cron: '0 22 * * 6', durationSeconds: hours(4), timezone: 'Europe/Berlin' },
  { kind: 'once', name: 'data centre move', start: '2026-06-01T15:00:00Z', end: '2026-06-01T23:00:00Z' },
  { kind: 'once', name: 'over', start: '2026-05-01T15:00:00Z', end: '2026-05-01T23:00:00Z' },
] as const satisfies readonly PlannedEntry['window'][];

/** Deltas of many sizes, cutovers in four windows and five waves, VMs that are blocked for two reasons, and quiet ones. */
export function fleetPlan(
  count: number,
  name = (sort: string, index: number) => `${sort}-${String(index).padStart(4, '0')}`,
): PlanFile {
  return samplePlan(Array.from({ length: count }, (_, index) => fleetEntry(index, name)));
}

function fleetEntry(index: number, name: (sort: string, index: number) => string): PlannedEntry {
  const wave = String(Math.floor(index / 40) + 1);
  const window = windows[Math.floor(index / 10) % windows.length]!;
  switch (index % 10) {
    case 0:
      return renamed(entries.cutover, name('fs', index), { wave, window });
    case 1:
      return renamed(entries.reset, name('crm', index), { wave });
    case 2:
      return renamed(entries.created, name('new', index), { wave });
    case 3:
      return renamed(entries.seeded, name('quiet', index));
    case 4:
      return renamed(entries.exists, name('mail', index), { wave });
    default:
      return renamed(withDelta(entries.delta, Math.round((((index * 7919) % 97) / 5 + 0.3) * GiB)), name('erp', index), { wave });
  }
}

/** A ledger of nightly deltas until the evening before the plan, one disk of a VM. */
export function ledgerOf(disk: number, seed: number, nights = 14): LedgerEntries {
  const history = Array.from({ length: nights }, (_, night) => {
    const bytes = Math.round((1 + ((night * 37 + seed * 11) % 23) / 5) * GiB);
    return { bytes, seconds: Math.round(bytes / (90e6 + ((night * 13 + seed * 29) % 40) * 1e6)), intervalSeconds: hours(24) };
  });
  return { ...emptyLedger, history: { [disk]: history }, lastSync: { [disk]: '2026-05-31T22:00:00.000Z' } };
}
