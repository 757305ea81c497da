import { BaseCommand } from '../../cli/base-command.js';
import { projectFlags, settingsOf } from '../../cli/project-flags.js';
import { listLocks } from '../../engine/state/locks.js';
import { locksView } from '../../views/state/locks.js';

export default class LockList extends BaseCommand {
  static override summary = 'List who works on which VM, or applies which plan, as the state of the project knows it.';
  static override description =
    'With a state that several machines share these are the locks of all of them. Locks of processes that are gone from this machine lock nobody out.';
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json'];
  static override flags = { ...projectFlags };

  async run(): Promise<void> {
    const { flags } = await this.parse(LockList);
    await using runtime = await this.openRuntime({ ...settingsOf(flags), cwd: this.folder(flags), needsManifests: false });
    const { backend } = await runtime.state();
    locksView(this.viewOptions(flags)).locks(await listLocks(backend));
  }
}
