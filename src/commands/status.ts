import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { machineTypeStatus } from '../cli/machine-type-status.js';
import { type ChangeId, formatChangeId } from '../model/change-id.js';
import type { DesiredMigration } from '../model/desired.js';
import type { ObservedMigration, ObservedVolume, RecordedVolume } from '../model/observed.js';
import type { SyncRecord, SyncState } from '../model/sync-record.js';
import { observeProject } from '../state/observe.js';
import type { StateFolder } from '../state/state-folder.js';
import { liveHolder } from '../state/vm-lock.js';
import { machineTypeView } from '../views/status/machine-types.js';
import { type DiskStatus, type RunningStatus, statusView, type UnclaimedStatus } from '../views/status/view.js';

export default class Status extends BaseCommand {
  static override summary = 'Show where every disk stands, as volumes and vCenter say now.';
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --machine-type'];
  static override flags = {
    'machine-type': Flags.boolean({
      summary: 'Show the machine type of each VM: declared, of the source, on the boot volume, of the server.',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Status);
    const common = { ...flags, chdir: flags.chdir };
    await using runtime = await this.openRuntime({ cwd: this.folder(common) });
    const { migrations } = runtime.loaded;
    const state = await runtime.state();
    const { migrations: observed, unclaimed } = await observeProject(migrations, await runtime.providers(migrations), state);
    if (flags['machine-type']) {
      const rows = migrations.map((migration, index) => machineTypeStatus(migration, observed[index]!));
      return machineTypeView(this.viewOptions(common)).machineTypes(rows);
    }
    const running = await runningOf(migrations, state);
    const busy = new Set(running.map(({ address }) => address));
    statusView(this.viewOptions(common)).status({
      disks: migrations.flatMap((migration, index) => disksOf(migration, observed[index]!)),
      running,
      // What a run that is alive holds it gives back itself.
      leftovers: migrations.flatMap((migration, index) =>
        busy.has(migration.address) ? [] : leftoversOf(migration, observed[index]!),
      ),
      unclaimed: [...unclaimed].flatMap(([provider, volumes]) => volumes.map((volume) => unclaimedStatus(provider, volume))),
    });
  }
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

/** Who works on which VM now, as far as this machine's locks tell. */
async function runningOf(migrations: readonly DesiredMigration[], state: StateFolder): Promise<RunningStatus[]> {
  const found = await Promise.all(
    migrations.map(async ({ address, name }) => ({ address, holder: await liveHolder(state.lockPath(name)) })),
  );
  return found.flatMap(({ address, holder }) =>
    holder === undefined ? [] : [{ address, operation: holder.operation, who: holder.who, since: holder.since }],
  );
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
  const known = changeId === undefined ? {} : { changeId: formatChangeId(changeId) };
  if (state.kind !== 'dirty') return { state: state.kind, ...known };
  const percentDone = capacity === 0 ? 0 : Math.floor(((state.partial?.upTo ?? 0) / capacity) * 100);
  return { state: state.base === undefined ? 'seeding' : 'delta', percentDone, ...known };
}

function changeIdOf(state: SyncState): ChangeId | undefined {
  if (state.kind === 'dirty') return state.base;
  return state.kind === 'clean' ? state.at : state.from;
}

const leftoversOf = ({ address }: DesiredMigration, { local }: ObservedMigration): string[] => [
  ...local.ownSnapshots.map((ref) => `${address}: snapshot ${ref}`),
  ...local.ownAttachments.map((id) => `${address}: attachment ${id}`),
  ...local.overlayRuns.map((run) => `${address}: conversion overlays of run ${run}`),
];
