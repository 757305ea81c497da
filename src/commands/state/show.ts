import { BaseCommand } from '../../cli/base-command.js';
import { projectFlags, settingsOf } from '../../cli/project-flags.js';
import { requiredArgument } from '../../cli/text-argument.js';
import { requireLedger } from '../../engine/state/documents.js';
import { stateView } from '../../views/state/documents.js';

export default class StateShow extends BaseCommand {
  static override summary = 'Print what the state knows of one VM, as JSON.';
  static override examples = ['<%= config.bin %> <%= command.id %> erp-db01'];
  static override args = { vm: requiredArgument('Name of the Migration.') };
  static override flags = { ...projectFlags };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(StateShow);
    await using runtime = await this.openRuntime({ ...settingsOf(flags), cwd: this.folder(flags), needsManifests: false });
    const { backend } = await runtime.state();
    stateView(this.viewOptions(flags)).document(await requireLedger(backend, args.vm));
  }
}
