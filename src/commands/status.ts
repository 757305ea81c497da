import { BaseCommand } from '../cli/base-command.js';
import { type ChangeId, formatChangeId } from '../model/change-id.js';
import type { DesiredMigration } from '../model/desired.js';
import type { ObservedMigration, ObservedVolume } from '../model/observed.js';
import type { SyncRecord, SyncState } from '../model/sync-record.js';
import { Runtime } from '../runtime.js';
import { observe } from '../state/observe.js';
import { type DiskStatus, statusView } from '../views/status/view.js';

export default class Status extends BaseCommand {
  static override summary = 'Show where every disk stands, as volumes and vCenter say now.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<void> {
    const { flags } = await this.parse(Status);
    const common = { ...flags, chdir: flags.chdir };
    await using runtime = await Runtime.open({ cwd: this.folder(common), env: process.env });
    const { migrations } = runtime.loaded;
    const observed = await observe(migrations, await runtime.providers(migrations), await runtime.state());
    statusView(this.viewOptions(common)).status({
      disks: migrations.flatMap((migration, index) => disksOf(migration, observed[index]!)),
      leftovers: migrations.flatMap((migration, index) => leftoversOf(migration, observed[index]!)),
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
