import { isProviderError } from '../contracts/provider-error.js';
import { DiagnosticsError } from '../diag/diagnostic.js';
import type { ChangeId } from '../model/change-id.js';
import type { DesiredMigration } from '../model/desired.js';
import type { ObservedMigration } from '../model/observed.js';
import type { ObservedVolume, RecordedVolume } from '../model/observed-target.js';
import { changeIdOf, type SyncRecord } from '../model/sync-record.js';
import type { Runtime } from '../runtime.js';
import { type ObservedProject, observeProject, unclaimedVolumes } from '../state/observe.js';
import { type MachineTypeStatus, machineTypeStatus } from './machine-type-status.js';
import { type RunningStatus, runningOf } from './running.js';

export type VolumeState =
  | 'absent'
  | 'not ours'
  | 'foreign'
  | 'unreadable'
  | 'several volumes'
  | 'seeding'
  | 'delta'
  | 'clean'
  | 'committing'
  | 'converted';

/** One disk, as its volume and its source tell it; one line for a VM that is not there. Field names are public interface (`status --json`). */
export interface DiskStatus {
  readonly address: string;
  readonly phase: string;
  /** on, off, suspended, or why there is no VM: not-found, ambiguous. */
  readonly power: string;
  readonly volume?: string;
  readonly state?: VolumeState;
  /** Of an unfinished copy. */
  readonly percentDone?: number;
  readonly changeId?: ChangeId;
  /** ISO time, as far as this machine knows. */
  readonly lastSync?: string;
}

/** A volume with a record of ours whose VM no manifest sends there. */
export interface UnclaimedStatus {
  readonly provider: string;
  readonly volume: string;
  readonly name: string;
  /** Instance UUID of its VM. */
  readonly vm: string;
  readonly disk: number;
  readonly state?: VolumeState;
  readonly percentDone?: number;
  readonly changeId?: ChangeId;
}

export interface StatusReport {
  readonly disks: readonly DiskStatus[];
  readonly running: readonly RunningStatus[];
  /** Snapshots, attachments, overlays of earlier runs that are still there. */
  readonly leftovers: readonly string[];
  readonly unclaimed: readonly UnclaimedStatus[];
  /** Clouds that no manifest names, and why they could not be looked at: volumes of earlier manifests may be there. */
  readonly unseen: readonly { readonly provider: string; readonly why: string }[];
}

/**
 * Where every disk of these migrations stands. Reads, and changes nothing. `isAll`: they are all that the project has; of some, the VM of
 * a volume may be one that was not looked at, and nothing is said of what nobody claims.
 */
export async function projectStatus(
  runtime: Runtime,
  { migrations, isAll }: { readonly migrations: readonly DesiredMigration[]; readonly isAll: boolean },
): Promise<StatusReport> {
  const state = await runtime.state();
  const { migrations: observed, unclaimed } = await observeProject(migrations, await runtime.providers(migrations), state);
  const running = await runningOf(migrations, state);
  const beside = isAll ? await lookBeside(runtime) : { found: [], unseen: [] };
  const busy = new Set(running.map(({ address }) => address));
  return {
    disks: migrations.flatMap((migration, index) => disksOf(migration, observed[index]!)),
    running,
    // What a run that is alive holds it gives back itself.
    leftovers: migrations.flatMap((migration, index) =>
      busy.has(migration.address) ? [] : leftoversOf(migration, observed[index]!),
    ),
    unclaimed: [...(isAll ? unclaimed : []), ...beside.found].flatMap(([provider, volumes]) =>
      volumes.map((volume) => unclaimedStatus(provider, volume)),
    ),
    unseen: beside.unseen,
  };
}

/** Where nothing comes from and nothing goes to any more something may still lie. That one of them is gone ends nothing. */
async function lookBeside(
  runtime: Runtime,
): Promise<Pick<StatusReport, 'unseen'> & { readonly found: ObservedProject['unclaimed'] }> {
  const found = new Map<string, readonly RecordedVolume[]>();
  const unseen: StatusReport['unseen'][number][] = [];
  for (const provider of runtime.unusedClouds()) {
    try {
      found.set(provider, unclaimedVolumes(await (await runtime.cloud(provider))!.observe()));
    } catch (error) {
      if (!(error instanceof DiagnosticsError) && !isProviderError(error)) throw error;
      unseen.push({ provider, why: error.message });
    }
  }
  return { found, unseen };
}

/** The machine type of each VM, wherever it can be read. */
export async function machineTypeStatuses(
  runtime: Runtime,
  migrations: readonly DesiredMigration[],
): Promise<MachineTypeStatus[]> {
  const providers = await runtime.providers(migrations);
  const { migrations: observed } = await observeProject(migrations, providers, await runtime.state());
  return migrations.map((migration, index) => machineTypeStatus(migration, observed[index]!));
}

function disksOf({ address, phase }: DesiredMigration, { source, volumes, local }: ObservedMigration): DiskStatus[] {
  if (source.kind !== 'found') return [{ address, phase, power: source.kind }];
  return source.vm.disks.map(({ key }) => {
    const lastSync = local.lastSync[String(key)];
    return {
      address: `${address}/disk/${key}`,
      phase,
      power: source.vm.power,
      ...stateOf(volumes[String(key)] ?? []),
      ...(lastSync === undefined ? {} : { lastSync }),
    };
  });
}

const unclaimedStatus = (provider: string, { volume, vm, disk }: RecordedVolume): UnclaimedStatus => ({
  provider,
  volume: volume.id,
  name: volume.name,
  vm,
  disk,
  ...(volume.reading.kind === 'record' ? recordStatus(volume.reading.record) : {}),
});

type VolumeStatus = Pick<DiskStatus, 'volume' | 'state' | 'percentDone' | 'changeId'>;

function stateOf(volumes: readonly ObservedVolume[]): VolumeStatus {
  const [volume, other] = volumes;
  if (volume === undefined) return { state: 'absent' };
  if (other !== undefined) return { volume: volumes.map(({ id }) => id).join(' '), state: 'several volumes' };
  const { id, reading } = volume;
  if (reading.kind !== 'record') return { volume: id, state: reading.kind === 'none' ? 'not ours' : reading.kind };
  return { volume: id, ...recordStatus(reading.record) };
}

function recordStatus({ state, capacity }: SyncRecord): VolumeStatus {
  const changeId = changeIdOf(state);
  const known = changeId === undefined ? {} : { changeId };
  if (state.kind !== 'dirty') return { state: state.kind, ...known };
  const percentDone = capacity === 0 ? 0 : Math.floor(((state.partial?.upTo ?? 0) / capacity) * 100);
  return { state: state.base === undefined ? 'seeding' : 'delta', percentDone, ...known };
}

const leftoversOf = ({ address }: DesiredMigration, { local }: ObservedMigration): string[] => [
  ...local.ownSnapshots.map((ref) => `${address}: snapshot ${ref}`),
  ...local.ownAttachments.map((id) => `${address}: attachment ${id}`),
  ...local.overlayRuns.map((run) => `${address}: conversion overlays of run ${run}`),
];
