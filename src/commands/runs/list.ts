import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { projectFlags, settingsOf } from '../../cli/project-flags.js';
import { stateIn } from '../../engine/runs/find-run.js';
import { listedTogether } from '../../engine/runs/listed-together.js';
import { otherRuns } from '../../engine/runs/other-runs.js';
import { runsListView } from '../../views/runs/list.js';

const SHOWN = 20;

export default class RunsList extends BaseCommand {
  static override summary = 'List what was applied from here: when, by whom, how it ended.';
  static override description =
    'With a state that several machines see, what others applied is listed as well, as far as it is among the last 200; their journals are on them. ' +
    'Nothing but that state is asked over the network.';
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --limit 0 --json'];
  static override flags = {
    ...projectFlags,
    limit: Flags.integer({ summary: 'So many of the newest; 0: all.', default: SHOWN, min: 0 }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(RunsList);
    const state = await stateIn(this.folder(flags), process.env);
    const others = await otherRuns({ ...settingsOf(flags), cwd: this.folder(flags), env: process.env });
    const { runs, more } = await listedTogether(state, others.runs, flags.limit);
    runsListView(this.viewOptions(flags)).runs(runs, more);
    if (others.trouble !== undefined) this.tellDiagnostics([others.trouble]);
  }
}
