import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { catchInterrupts } from '../../cli/interrupts.js';
import { projectFlags, settingsOf } from '../../cli/project-flags.js';
import { optionalArgument } from '../../cli/text-argument.js';
import { findRun, stateIn } from '../../engine/runs/find-run.js';
import { otherRuns } from '../../engine/runs/other-runs.js';
import { readRun } from '../../engine/runs/read-runs.js';
import { followLogs, keptLogs, linesOf } from '../../engine/runs/run-logs.js';
import { vmOfRun } from '../../engine/runs/vm-of-run.js';
import { systemClock } from '../../host/clock.js';
import { runsLogsView } from '../../views/runs/logs.js';

export default class RunsLogs extends BaseCommand {
  static override summary = 'Print what virt-v2v, nbdkit and the other programs of a run said.';
  static override examples = ['<%= config.bin %> <%= command.id %> --vm web01', '<%= config.bin %> <%= command.id %> --follow'];
  static override args = { run: optionalArgument('Name of the run or its beginning; the newest without it.') };
  static override flags = {
    ...projectFlags,
    vm: Flags.string({ summary: 'Only what was said of this VM.', helpValue: 'NAME' }),
    follow: Flags.boolean({ summary: 'Go on printing until the run has ended.', exclusive: ['json'] }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(RunsLogs);
    const state = await stateIn(this.folder(flags), process.env);
    const record = await findRun(state, args.run, () =>
      otherRuns({ ...settingsOf(flags), cwd: this.folder(flags), env: process.env }),
    );
    const { run } = record;
    const view = runsLogsView(this.viewOptions(flags));
    const vm = flags.vm === undefined ? undefined : vmOfRun(record, flags.vm, await keptLogs(state, { run }));
    const wanted = { run, ...(vm !== undefined && { vm }) };
    if (flags.follow) {
      using interrupts = catchInterrupts(() => undefined);
      const goesOn = async () => (await readRun(state, run))?.status === 'running';
      const onLines = view.lines.bind(view);
      return followLogs(state, { ...wanted, clock: systemClock, signal: interrupts.signal, goesOn, onLines });
    }
    const logs = await keptLogs(state, wanted);
    view.logs(run, logs);
    if (!flags.json) for (const log of logs) view.lines(log, await linesOf(log));
  }
}
