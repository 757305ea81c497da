import { BaseCommand } from '../../cli/base-command.js';
import { projectFlags, settingsOf } from '../../cli/project-flags.js';
import { namesIn } from '../../engine/state/documents.js';
import { stateView } from '../../views/state/documents.js';

export default class StateList extends BaseCommand {
  static override summary = 'List what the state of the project holds: ledgers of VMs, progress of plans, answers of probes.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];
  static override flags = { ...projectFlags };

  async run(): Promise<void> {
    const { flags } = await this.parse(StateList);
    await using runtime = await this.openRuntime({ ...settingsOf(flags), cwd: this.folder(flags), needsManifests: false });
    const { backend } = await runtime.state();
    stateView(this.viewOptions(flags)).documents(backend.place, await backend.lineage(), await namesIn(backend));
  }
}
