import { basename } from 'node:path';
import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { readPlan } from '../cli/read-plan.js';
import { requiredArgument } from '../cli/text-argument.js';
import { writeReport } from '../cli/write-report.js';
import { reportOfPlan } from '../engine/report/report-of-plan.js';
import { filesView } from '../views/files/view.js';
import { planReportText } from '../views/report/select.js';

export default class Report extends BaseCommand {
  static override summary =
    'Write a saved plan as one HTML file to read, to print and to send. No network, now and when it is read.';
  static override description =
    'The words and numbers are those of the plan as "show" prints it; charts show windows, bytes, and the deltas so far that the state ' +
    'of the project knows of. An older report is written over, any other file is not.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> plan.json',
    '<%= config.bin %> <%= command.id %> plan.json --out public/index.html',
  ];
  static override args = { file: requiredArgument('Saved plan.') };
  static override flags = {
    out: Flags.string({
      summary: 'Write to this file ("-" for stdout). Left alone: plan.html for plan.json.',
      helpValue: 'FILE',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Report);
    const common = { ...flags, chdir: flags.chdir };
    const plan = await readPlan(this.path(common, args.file));
    const report = await reportOfPlan(plan, { folder: this.folder(common), env: process.env });
    const { out = `${basename(args.file).replace(/\.json$/, '')}.html` } = flags;
    const text = planReportText(report, this.config.version);
    const path = this.path(common, out);
    if (out !== '-') await writeReport(path, text);
    filesView(this.viewOptions(common), '').made({
      files: [{ path, text }],
      notKept: [],
      ...(out === '-' ? {} : { written: [path] }),
    });
  }
}
