import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { projectFlags, settingsOf } from '../../cli/project-flags.js';
import { readStateFile } from '../../cli/read-state-file.js';
import { requiredArgument } from '../../cli/text-argument.js';
import { importState } from '../../engine/state/documents.js';
import { stateView } from '../../views/state/documents.js';

export default class StatePush extends BaseCommand {
  static override summary = 'Write what `state pull` printed to the place that the Project names for its state.';
  static override description =
    'Into an empty state, or with --force over one of the same lineage. Each document is written under its lock; where somebody works on one of them nothing is written.';
  static override examples = ['<%= config.bin %> <%= command.id %> state.json --force'];
  static override args = { file: requiredArgument('What `state pull` printed.') };
  static override flags = { ...projectFlags, force: Flags.boolean({ summary: 'Replace what is there.' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(StatePush);
    await using runtime = await this.openRuntime({ ...settingsOf(flags), cwd: this.folder(flags), needsManifests: false });
    const { backend } = await runtime.state();
    const state = await readStateFile(this.path(flags, args.file), args.file);
    await importState(backend, state, { force: flags.force, now: new Date() });
    stateView(this.viewOptions(flags)).imported(backend.place, state.documents.length);
  }
}
