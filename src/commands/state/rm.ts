import { BaseCommand } from '../../cli/base-command.js';
import { projectFlags, settingsOf } from '../../cli/project-flags.js';
import { requiredArgument } from '../../cli/text-argument.js';
import { removeLedger } from '../../engine/state/documents.js';
import { stateView } from '../../views/state/documents.js';

export default class StateRm extends BaseCommand {
  static override summary = 'Make the state forget one VM: the next run looks at volumes and vCenter alone.';
  static override description =
    'What is lost are estimates, and the knowledge of what a run that died had taken of the VM. Volumes, snapshots and servers stay as they are.';
  static override examples = ['<%= config.bin %> <%= command.id %> erp-db01'];
  static override args = { vm: requiredArgument('Name of the Migration.') };
  static override flags = { ...projectFlags };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(StateRm);
    await using runtime = await this.openRuntime({ ...settingsOf(flags), cwd: this.folder(flags), needsManifests: false });
    const { backend } = await runtime.state();
    await removeLedger(backend, args.vm, new Date());
    stateView(this.viewOptions(flags)).removed(`vm/${args.vm}`);
  }
}
