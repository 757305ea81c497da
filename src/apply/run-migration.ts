import type { Converter } from '../contracts/converter.js';
import type { DataPlane } from '../contracts/data-plane.js';
import { type Diagnostic, invariant } from '../diag/diagnostic.js';
import type { Clock } from '../host/clock.js';
import { interruptible } from '../host/interruption.js';
import type { DesiredMigration } from '../model/desired.js';
import { type DiskKey, diskKey, type RunId, type VolumeId } from '../model/ids.js';
import type { ObservedMigration } from '../model/observed.js';
import type { SyncRecord } from '../model/sync-record.js';
import type { Action } from '../plan/core/action.js';
import { powersOff } from '../plan/core/action-table.js';
import type { Journal } from '../state/journal.js';
import type { HeldLock } from '../state/lock.js';
import type { Providers } from '../state/observe.js';
import type { VmLedger } from '../state/vm-ledger.js';
import { requireTimeToGoOn } from './check-windows.js';
import { doubtsOf, doubtsToKeep } from './doubts.js';
import type { ApplyContext, ApplyEvent, ApplySettings } from './handler.js';
import { type Checking, isPointOfNoReturn, requireNothingInTheWay } from './point-of-no-return.js';
import { isUnread, proveReading } from './prove-reading.js';
import { applyAction } from './registry.js';
import type { TimeRules } from './time-rules.js';
import { whatIsLeft } from './what-is-left.js';

/** What every migration of a run works with. */
export interface ApplyTools {
  readonly providers: Providers;
  readonly dataPlane: DataPlane;
  readonly converter: Converter;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly run: RunId;
  readonly plan: string;
  readonly lineage: string;
  readonly hostName: string;
  readonly settings: ApplySettings;
  readonly checking: Checking;
  readonly timeRules: TimeRules;
  overlayFolder(run: string, name: string): string;
  forgetOverlays(run: string, name: string): Promise<void>;
  emit(event: ApplyEvent): void;
  readonly signal: AbortSignal;
}

export interface MigrationWork {
  readonly desired: DesiredMigration;
  readonly observed: ObservedMigration;
  readonly actions: readonly Action[];
  readonly ledger: VmLedger;
  readonly lock: HeldLock;
  /** Gets what is found out that stops nothing, also where a later action fails. */
  readonly warnings: Diagnostic[];
}

/** Applies the actions in order, holding the VM's lock outside. Safe to be killed and run again from a fresh observation. */
export async function runMigration(work: MigrationWork, tools: ApplyTools): Promise<void> {
  const { ledger, actions } = work;
  const context = contextOf(work, tools);
  await ledger.runBegins(tools.run, tools.plan, doubtsToKeep(context, work.lock));
  // What is doubted stands with each disk now, and goes with it; whoever loses the lock next is the former holder then.
  await work.lock.settle?.();
  for (const [index, action] of actions.entries()) {
    try {
      requireWindow(context, actions.slice(0, index));
      if (isPointOfNoReturn(action, actions.slice(0, index))) {
        await requireNothingInTheWay(actions.slice(index), context, tools.checking);
      }
      if (isUnread(action, actions.slice(0, index), actions.slice(index))) {
        await interruptible(context.signal, () => proveReading(context));
      }
      await ledger.requireLock();
      await interruptible(context.signal, () => applyAction(action, context));
    } catch (error) {
      if (wasPoweredOff(actions.slice(0, index))) sayItIsOff(context);
      throw error;
    }
  }
  await ledger.runEnds(await whatIsLeft(work, context, tools.plan));
}

/** When a step outlasts the window, or a freeze has begun, nothing further is begun, least of all the downtime. */
function requireWindow(context: ApplyContext, done: readonly Action[]): void {
  if (done.length === 0 || context.vm.power !== 'on' || wasPoweredOff(done)) return;
  requireTimeToGoOn(context);
}

const wasPoweredOff = (done: readonly Action[]): boolean => done.some(powersOff);

/** Whoever is woken by the failure must know at once that the service is down. */
const sayItIsOff = ({ emit, desired: { address } }: ApplyContext): void =>
  emit({ type: 'note', address, note: { kind: 'stays-off' } });

function contextOf({ desired, observed, ledger, lock, actions, warnings }: MigrationWork, tools: ApplyTools): ApplyContext {
  invariant(observed.source.kind === 'found', `${desired.address} is applied without its VM`);
  const { providers, checking: _, overlayFolder, forgetOverlays, ...rest } = tools;
  const known = knownVolumes(observed);
  const target = providers.target(desired.target.provider);
  return {
    ...rest,
    desired,
    conversion: actions.find((action) => action.kind === 'convert'),
    roots: new Map(),
    vm: observed.source.vm,
    source: providers.source(desired.source.provider),
    target,
    ledger,
    warnings,
    stopped: {},
    made: {},
    ownAttachments: observed.local.ownAttachments,
    overlayFolder: (run) => overlayFolder(run, desired.name),
    forgetOverlays: (run) => forgetOverlays(run, desired.name),
    ...(lock.lost !== undefined && { lost: lock.lost, signal: AbortSignal.any([rest.signal, lock.lost]) }),
    ...leaseOf(lock, known.records),
    doubted: doubtsOf(lock, { ...known, ledger, target, synced: syncedBy(actions) }),
    ...known,
  };
}

/** Higher than that of anybody who wrote a record of the VM: a state that was lost counts from 1 again. */
function leaseOf({ number }: HeldLock, records: ReadonlyMap<DiskKey, SyncRecord>): { readonly lease?: number } {
  const before = [...records.values()].flatMap(({ lease }) => lease ?? []);
  if (number === undefined && before.length === 0) return {};
  return { lease: Math.max(number ?? 0, 1 + Math.max(0, ...before)) };
}

const syncedBy = (actions: readonly Action[]): ReadonlySet<DiskKey> =>
  new Set(actions.flatMap((action) => (action.kind === 'sync' ? action.disks.map(({ disk }) => disk) : [])));

function knownVolumes(observed: ObservedMigration): { volumes: Map<DiskKey, VolumeId>; records: Map<DiskKey, SyncRecord> } {
  const volumes = new Map<DiskKey, VolumeId>();
  const records = new Map<DiskKey, SyncRecord>();
  for (const [key, [volume]] of Object.entries(observed.volumes)) {
    if (volume === undefined) continue;
    volumes.set(diskKey(Number(key)), volume.id);
    if (volume.reading.kind === 'record') records.set(diskKey(Number(key)), volume.reading.record);
  }
  return { volumes, records };
}
