import { BaseCommand } from '../../cli/base-command.js';
import { projectFlags, settingsOf } from '../../cli/project-flags.js';
import { optionalArgument } from '../../cli/text-argument.js';
import { findRun, stateIn } from '../../engine/runs/find-run.js';
import { otherRuns } from '../../engine/runs/other-runs.js';
import { runsShowView } from '../../views/runs/show.js';

export default class RunsShow extends BaseCommand {
  static override summary = 'Show one apply: steps, copies and their rates, errors and what caused them.';
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> 79o62r26nsg2'];
  static override args = { run: optionalArgument('Name of the run or its beginning; the newest without it.') };
  static override flags = { ...projectFlags };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(RunsShow);
    const state = await stateIn(this.folder(flags), process.env);
    const record = await findRun(state, args.run, () =>
      otherRuns({ ...settingsOf(flags), cwd: this.folder(flags), env: process.env }),
    );
    runsShowView(this.viewOptions({ ...flags, chdir: flags.chdir })).run({ record, journal: state.journalPath(record.run) });
  }
}
