import { BaseCommand } from '../../cli/base-command.js';
import { projectFlags, settingsOf } from '../../cli/project-flags.js';
import { exportState } from '../../engine/state/documents.js';
import { stateView } from '../../views/state/documents.js';

export default class StatePull extends BaseCommand {
  static override summary =
    'Print all of the state of the project as JSON: for a copy, or for another place of it. It holds no secrets.';
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> > state.json'];
  static override flags = { ...projectFlags };

  async run(): Promise<void> {
    const { flags } = await this.parse(StatePull);
    await using runtime = await this.openRuntime({ ...settingsOf(flags), cwd: this.folder(flags), needsManifests: false });
    const { backend } = await runtime.state();
    stateView(this.viewOptions(flags)).exported(await exportState(backend));
  }
}
