import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { makeReport } from '../cli/make-report.js';
import { requiredArgument } from '../cli/text-argument.js';
import { writeReport } from '../cli/write-report.js';
import { filesView } from '../views/files/view.js';

export default class Report extends BaseCommand {
  static override summary =
    'Write a saved plan, or what a run did, as one HTML file to read, to print and to send. No network, now and when it is read.';
  static override description =
    'The words and numbers are those of "show" and "runs show"; charts show windows, bytes, rates, and the deltas so far that the state ' +
    'of the project knows of. An older report is written over, any other file is not.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> plan.json',
    '<%= config.bin %> <%= command.id %> plan.json --out public/index.html',
    '<%= config.bin %> <%= command.id %> 79o62r26nsg2',
  ];
  static override args = { of: requiredArgument('Saved plan, or name of a run or its beginning.') };
  static override flags = {
    out: Flags.string({
      summary: 'Write to this file ("-" for stdout). Left alone: plan.html for plan.json, run-RUN.html for a run.',
      helpValue: 'FILE',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Report);
    const common = { ...flags, chdir: flags.chdir };
    const { version } = this.config;
    const asked = { asked: args.of, path: this.path(common, args.of), folder: this.folder(common), env: process.env, version };
    const { text, fileName } = await makeReport(asked);
    const path = this.path(common, flags.out ?? fileName);
    if (flags.out !== '-') await writeReport(path, text);
    const written = flags.out === '-' ? {} : { written: [path] };
    filesView(this.viewOptions(common), '').made({ files: [{ path, text }], notKept: [], ...written });
  }
}
