import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { projectFlags, settingsOf } from '../cli/project-flags.js';
import { selectionFlags, selectOrRefuse } from '../cli/selection.js';
import { machineTypeStatuses, projectStatus } from '../engine/status.js';
import { machineTypeView } from '../views/status/machine-types.js';
import { statusView } from '../views/status/view.js';

export default class Status extends BaseCommand {
  static override summary = 'Show where every disk stands, as volumes and vCenter say now.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --selector wave=10',
    '<%= config.bin %> <%= command.id %> --machine-type',
  ];
  static override flags = {
    ...projectFlags,
    ...selectionFlags,
    'machine-type': Flags.boolean({
      summary: 'Show the machine type of each VM: declared, of the source, on the boot volume, of the server.',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Status);
    await using runtime = await this.openRuntime({ ...settingsOf(flags), cwd: this.folder(flags) });
    const { selected, patterns } = selectOrRefuse(runtime.loaded, flags);
    if (flags['machine-type'])
      machineTypeView(this.viewOptions(flags)).machineTypes(await machineTypeStatuses(runtime, selected));
    else {
      const report = await projectStatus(runtime, { migrations: selected, isAll: patterns.length === 0 });
      statusView(this.viewOptions(flags)).status(report);
    }
  }
}
