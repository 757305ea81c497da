import { type Diagnostic, hasErrors } from '../../diag/diagnostic.js';
import type { DesiredMigration, Phase } from '../../model/desired.js';
import type { DiskKey } from '../../model/ids.js';
import type { ObservedMigration } from '../../model/observed.js';
import type { NotCarried } from '../../model/observed-source.js';
import { own } from '../../model/own.js';
import type { MaintenanceWindow } from '../../model/window.js';
import type { Action } from '../core/action.js';
import { type DowntimeEstimate, downtimeEstimate } from '../cutover/downtime.js';
import { notCarried } from '../cutover/not-carried.js';
import { type Facts, factsOf } from './facts.js';

/** One migration in a plan: what was decided, from which facts. */
export interface PlannedEntry {
  /** `vm/NAME`. */
  readonly address: string;
  readonly name: string;
  readonly phase: Phase;
  readonly file: string;
  readonly disks: readonly DiskKey[];
  readonly actions: readonly Action[];
  readonly diagnostics: readonly Diagnostic[];
  readonly notes: readonly string[];
  readonly facts: Facts;
  /** What the source has and the target will not have. Absent: nothing, or there is nothing to do. */
  readonly notCarried?: readonly NotCarried[];
  /** When it may be done, as its manifest says. Absent: at any time, or there is nothing to do. */
  readonly window?: MaintenanceWindow;
  /** Label `wave` of the manifest: what is moved together. */
  readonly wave?: string;
  /** All labels of the manifest. Absent: it has none. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Absent: the VM is not powered off. */
  readonly downtime?: DowntimeEstimate;
}

interface Decided {
  readonly actions: readonly Action[];
  readonly diagnostics: readonly Diagnostic[];
  readonly notes: readonly string[];
}

/** What a plan says of one migration. `atOnce`: disks that are copied at the same time. */
export function plannedEntry(
  desired: DesiredMigration,
  observed: ObservedMigration,
  { actions, diagnostics, notes, atOnce }: Decided & { readonly atOnce: number },
): PlannedEntry {
  const isOpen = actions.length > 0 || hasErrors(diagnostics);
  const vm = observed.source.kind === 'found' ? observed.source.vm : undefined;
  const lost = isOpen && vm !== undefined ? notCarried(desired, vm, observed.catalog) : [];
  const wave = own(desired.labels, 'wave');
  const downtime = downtimeEstimate(actions, observed.local, atOnce);
  return {
    address: desired.address,
    name: desired.name,
    phase: desired.phase,
    file: desired.file,
    disks: vm?.disks.map(({ key }) => key) ?? [],
    actions,
    diagnostics,
    notes,
    facts: factsOf(desired, observed),
    ...(lost.length === 0 ? {} : { notCarried: lost }),
    ...(isOpen && desired.window !== undefined ? { window: desired.window } : {}),
    ...(wave === undefined ? {} : { wave }),
    ...(Object.keys(desired.labels).length === 0 ? {} : { labels: desired.labels }),
    ...(downtime === undefined ? {} : { downtime }),
  };
}
