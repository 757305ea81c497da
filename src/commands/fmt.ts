import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { readStdin } from '../cli/read-stdin.js';
import { optionalArgument } from '../cli/text-argument.js';
import { hasErrors } from '../diag/diagnostic.js';
import { exitCodes } from '../diag/exit-codes.js';
import { formatBytes, formatFiles } from '../engine/format-files.js';
import { fmtView } from '../views/fmt/view.js';

export default class Fmt extends BaseCommand {
  static override summary = 'Lay manifests out in one way: order of keys, indentation, blank lines. Reads and writes files only.';
  static override description =
    'Without a file: the project file and all that it includes. What files say stays the same, with comments, anchors, quotes and ' +
    'line ends: that is proven for each file before it is replaced. A file with an error in it is left alone. "-" formats what comes in.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --check --diff',
    '<%= config.bin %> <%= command.id %> manifests/erp-db01.yaml',
    'cat manifests/erp-db01.yaml | <%= config.bin %> <%= command.id %> -',
  ];
  static override strict = false;
  static override args = { file: optionalArgument('Files; "-" for stdin, with the result on stdout.') };
  static override flags = {
    check: Flags.boolean({ summary: 'Change nothing; list the files that would be changed, and exit 3 when there are any.' }),
    diff: Flags.boolean({ summary: 'Show what is changed in each file.' }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Fmt);
    const files = argv.map(String);
    const isStream = files.length === 1 && files[0] === '-';
    const report = isStream
      ? formatBytes(await readStdin(), 'stdin')
      : await formatFiles({
          folder: this.folder(flags),
          ...(files.length > 0 && { files }),
          writes: !flags.check,
          env: process.env,
        });
    const view = fmtView(this.viewOptions(flags));
    if (isStream && !flags.check && !flags.diff) view.text(report);
    else view.formatted(report, { withDiff: flags.diff });
    if (hasErrors(report.diagnostics)) this.end(exitCodes.error);
    if (flags.check && report.reformatted.length > 0) this.end(exitCodes.unformatted);
  }
}
