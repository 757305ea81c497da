import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { projectFlags, settingsOf } from '../cli/project-flags.js';
import { selectionFlags, selectOrRefuse } from '../cli/selection.js';
import { refreshState } from '../engine/state/refresh.js';
import { stateView } from '../views/state/documents.js';

export default class Refresh extends BaseCommand {
  static override summary = 'Look at vCenter and the volumes for what dead runs have left, and enter it in the state.';
  static override description =
    'For a state that was lost, or that somebody doubts: all of it but estimates is found anew. Nothing is changed but the state; the next apply removes what is left.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --lineage 0d9ac0a8-6c7f-4a53-9d5e-0b1d2f7f3c11',
  ];
  static override flags = {
    ...projectFlags,
    ...selectionFlags,
    lineage: Flags.string({ summary: 'What an empty state is called: as the lost one was, which volumes and snapshots carry.' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Refresh);
    await using runtime = await this.openRuntime({ ...settingsOf(flags), cwd: this.folder(flags) });
    const { selected } = selectOrRefuse(runtime.loaded, flags);
    const done = await refreshState(runtime, selected, { lineage: flags.lineage, now: new Date() });
    stateView(this.viewOptions(flags)).refreshed(done);
  }
}
