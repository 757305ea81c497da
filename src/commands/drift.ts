import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { projectFlags, settingsOf } from '../cli/project-flags.js';
import { selectionFlags, selectOrRefuse } from '../cli/selection.js';
import { exitCodes } from '../diag/exit-codes.js';
import { findDrift, isDrift } from '../engine/find-drift.js';
import { driftView } from '../views/drift/view.js';

export default class Drift extends BaseCommand {
  static override summary =
    'Show what is not as the manifests declare it, or as the last apply left it: in vCenter, Cinder and Nova. Changes nothing.';
  static override description =
    'Volumes and servers of VMs that were cut over are compared as well, which no plan changes any more. What a sync would copy is no drift. ' +
    'What an apply left is known to the state folder that it was run with; from elsewhere only the records of the volumes tell of it.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --phase cutover --detailed-exitcode',
    '<%= config.bin %> <%= command.id %> --selector wave=10',
  ];
  static override flags = {
    ...projectFlags,
    ...selectionFlags,
    'detailed-exitcode': Flags.boolean({ summary: 'Exit 2 when something is not as declared, or not as it was left.' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Drift);
    const common = { ...flags, chdir: flags.chdir };
    await using runtime = await this.openRuntime({ ...settingsOf(flags), cwd: this.folder(common) });
    const { selected, patterns } = selectOrRefuse(runtime.loaded, flags);
    const report = await findDrift(runtime, { migrations: selected, isAll: patterns.length === 0 });
    driftView(this.viewOptions(common)).drift(report);
    if (flags['detailed-exitcode'] && isDrift(report)) this.end(exitCodes.changes);
  }
}
