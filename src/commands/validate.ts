import { BaseCommand } from '../cli/base-command.js';
import { projectFlags, settingsOf } from '../cli/project-flags.js';
import { selectionFlags, selectOrRefuse } from '../cli/selection.js';
import { hasErrors } from '../diag/diagnostic.js';
import { exitCodes } from '../diag/exit-codes.js';
import { validateProject } from '../engine/validate-project.js';
import { validateView } from '../views/validate/view.js';

export default class Validate extends BaseCommand {
  static override summary = 'Check the project file and all manifests. Reads files only, no network.';
  static override description =
    'Finds all errors of all files in one go, each with its place and what to write instead; without --env in every environment of the Project. With a selection, all files are checked as well, and the migrations that it selects are listed.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
    '<%= config.bin %> <%= command.id %> -l wave=10',
  ];
  static override flags = { ...projectFlags, ...selectionFlags };

  async run(): Promise<void> {
    const { flags } = await this.parse(Validate);
    const options = { ...settingsOf(flags), cwd: this.folder(flags), env: process.env };
    const { loaded, diagnostics, files, environments } = await validateProject(options);
    const view = validateView(this.viewOptions(flags));
    // Of a wrong manifest nobody knows its labels.
    const { selected, patterns } = hasErrors(diagnostics) ? { selected: [], patterns: [] } : selectOrRefuse(loaded, flags);
    view.validated(diagnostics, {
      files,
      migrations: loaded.migrations.length,
      environments,
      ...(patterns.length > 0 && { selected: selected.map(({ address }) => address) }),
    });
    if (hasErrors(diagnostics)) this.end(exitCodes.error);
  }
}
