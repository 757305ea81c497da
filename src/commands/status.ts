import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { catchInterrupts } from '../cli/interrupts.js';
import { projectFlags, settingsOf } from '../cli/project-flags.js';
import { selectionFlags, selectOrRefuse } from '../cli/selection.js';
import { machineTypeStatuses, projectStatus, type StatusReport } from '../engine/status.js';
import { watch } from '../engine/watch-status.js';
import { systemClock } from '../host/clock.js';
import { machineTypeView } from '../views/status/machine-types.js';
import { type StatusWatchView, statusView, statusWatchView } from '../views/status/view.js';

const WATCH_SECONDS = 10;

export default class Status extends BaseCommand {
  static override summary = 'Show where every disk stands, as volumes and vCenter say now.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --selector wave=10',
    '<%= config.bin %> <%= command.id %> --machine-type',
    '<%= config.bin %> <%= command.id %> --watch',
  ];
  static override flags = {
    ...projectFlags,
    ...selectionFlags,
    'machine-type': Flags.boolean({
      summary: 'Show the machine type of each VM: declared, of the source, on the boot volume, of the server.',
      exclusive: ['watch'],
    }),
    watch: Flags.boolean({ summary: 'Look again and again until Ctrl-C; without a terminal, print what has changed.' }),
    interval: Flags.integer({
      summary: `Seconds between two looks of --watch. Default: ${WATCH_SECONDS}.`,
      min: 1,
      dependsOn: ['watch'],
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Status);
    await using runtime = await this.openRuntime({ ...settingsOf(flags), cwd: this.folder(flags) });
    const { selected, patterns } = selectOrRefuse(runtime.loaded, flags);
    const look = () => projectStatus(runtime, { migrations: selected, isAll: patterns.length === 0 });
    if (flags['machine-type'])
      machineTypeView(this.viewOptions(flags)).machineTypes(await machineTypeStatuses(runtime, selected));
    else if (flags.watch) await this.watch(look, statusWatchView(this.viewOptions(flags)), flags.interval ?? WATCH_SECONDS);
    else statusView(this.viewOptions(flags)).status(await look());
  }

  private async watch(look: () => Promise<StatusReport>, view: StatusWatchView, seconds: number): Promise<void> {
    using interrupts = catchInterrupts(() => undefined);
    await watch({
      look,
      everyMs: seconds * 1000,
      clock: systemClock,
      signal: interrupts.signal,
      onSeen: view.status.bind(view),
      onTrouble: ({ message }) => view.trouble(message),
    });
  }
}
