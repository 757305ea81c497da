import { BaseCommand } from '../cli/base-command.js';
import { hasErrors } from '../diag/diagnostic.js';
import { exitCodes } from '../diag/exit-codes.js';
import { loadProject } from '../manifest/load.js';
import { validateView } from '../views/validate/view.js';

export default class Validate extends BaseCommand {
  static override summary = 'Check the project file and all manifests. Reads files only, no network.';
  static override description = 'Finds all errors of all files in one go, each with its place and what to write instead.';
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json'];

  async run(): Promise<void> {
    const { flags } = await this.parse(Validate);
    const { diagnostics, files, migrations } = await loadProject({
      cwd: this.folder(flags),
      env: process.env,
    });
    validateView(this.viewOptions(flags)).validated(diagnostics, {
      files: files.length,
      migrations: migrations.length,
    });
    if (hasErrors(diagnostics)) this.end(exitCodes.error);
  }
}
