import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { stateIn } from '../../engine/runs/find-run.js';
import { listRuns, newestRuns } from '../../engine/runs/read-runs.js';
import { runsListView } from '../../views/runs/list.js';

const SHOWN = 20;

export default class RunsList extends BaseCommand {
  static override summary = 'List what was applied from here: when, by whom, how it ended. No network.';
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --limit 0 --json'];
  static override flags = { limit: Flags.integer({ summary: 'So many of the newest; 0: all.', default: SHOWN, min: 0 }) };

  async run(): Promise<void> {
    const { flags } = await this.parse(RunsList);
    const state = await stateIn(this.folder(flags), process.env);
    const { runs, more } = flags.limit === 0 ? { runs: await listRuns(state), more: 0 } : await newestRuns(state, flags.limit);
    runsListView(this.viewOptions(flags)).runs(runs, more);
  }
}
