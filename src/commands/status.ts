import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { machineTypeStatus } from '../cli/machine-type-status.js';
import { shortChangeId } from '../model/change-id.js';
import type { DesiredMigration } from '../model/desired.js';
import type { ObservedMigration, ObservedVolume } from '../model/observed.js';
import { Runtime } from '../runtime.js';
import { observe } from '../state/observe.js';
import { machineTypeView } from '../views/status/machine-types.js';
import { type DiskStatus, statusView } from '../views/status/view.js';

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
    await using runtime = await Runtime.open({ cwd: this.folder(common), env: process.env });
    const { migrations } = runtime.loaded;
    const observed = await observe(migrations, await runtime.providers(migrations), await runtime.state());
    if (flags['machine-type']) {
      const rows = migrations.map((migration, index) => machineTypeStatus(migration, observed[index]!));
      return machineTypeView(this.viewOptions(common)).machineTypes(rows);
    }
    statusView(this.viewOptions(common)).status({
      disks: migrations.flatMap((migration, index) => disksOf(migration, observed[index]!)),
      leftovers: migrations.flatMap((migration, index) => leftoversOf(migration, observed[index]!)),
    });
  }
}

function disksOf(desired: DesiredMigration, observed: ObservedMigration): DiskStatus[] {
  const { source, volumes, local } = observed;
  if (source.kind !== 'found') {
    return [
      {
        address: desired.address,
        phase: desired.phase,
        power: source.kind,
        state: '-',
        changeId: '-',
        lastSync: '-',
        volume: '-',
      },
    ];
  }
  return source.vm.disks.map(({ key }) => {
    const volume = volumes[String(key)]?.[0];
    return {
      address: `${desired.address}/disk/${key}`,
      phase: desired.phase,
      power: source.vm.power,
      ...stateOf(volume),
      lastSync: local.lastSync[String(key)]?.slice(0, 16) ?? '-',
      volume: volume?.id ?? '-',
    };
  });
}

function stateOf(volume: ObservedVolume | undefined): { state: string; changeId: string } {
  if (volume === undefined) return { state: 'absent', changeId: '-' };
  const { reading } = volume;
  if (reading.kind !== 'record') return { state: reading.kind === 'none' ? 'not ours' : reading.kind, changeId: '-' };
  const { state, capacity } = reading.record;
  switch (state.kind) {
    case 'dirty': {
      const upTo = state.partial?.upTo ?? 0;
      const done = `${Math.floor((upTo / capacity) * 100)}%`;
      return {
        state: state.base === undefined ? `seeding ${done}` : `delta ${done}`,
        changeId: state.base === undefined ? '-' : shortChangeId(state.base),
      };
    }
    case 'clean':
      return { state: 'clean', changeId: state.at === undefined ? 'none' : shortChangeId(state.at) };
    default:
      return { state: state.kind, changeId: state.from === undefined ? 'none' : shortChangeId(state.from) };
  }
}

const leftoversOf = ({ address }: DesiredMigration, { local }: ObservedMigration): string[] => [
  ...local.ownSnapshots.map((ref) => `${address}: snapshot ${ref}`),
  ...local.ownAttachments.map((id) => `${address}: attachment ${id}`),
  ...local.overlayRuns.map((run) => `${address}: conversion overlays of run ${run}`),
];
