import { Flags } from '@oclif/core';
import { ask } from '../cli/ask.js';
import { BaseCommand } from '../cli/base-command.js';
import { projectFlags, settingsOf } from '../cli/project-flags.js';
import { requireYes } from '../cli/require-yes.js';
import { requiredArgument } from '../cli/text-argument.js';
import { findLock } from '../engine/state/locks.js';
import { locksView } from '../views/state/locks.js';

export default class ForceUnlock extends BaseCommand {
  static override summary = 'Take a lock away from a run that is gone for good.';
  static override description =
    'Make sure first that its process does not run any more: two runs that work on one VM write over each other. A process that is seen to ' +
    'live is never robbed. What the run had begun is found and finished by the next one.';
  static override examples = [
    '<%= config.bin %> lock list',
    '<%= config.bin %> <%= command.id %> 6f2a1b0c-9d3e-4c55-8a77-0f1e2d3c4b5a --force',
  ];
  static override args = { id: requiredArgument('Id of the lock, as `lock list` and whoever was refused are told it.') };
  static override flags = { ...projectFlags, force: Flags.boolean({ summary: 'Do not ask.' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ForceUnlock);
    await using runtime = await this.openRuntime({ ...settingsOf(flags), cwd: this.folder(flags), needsManifests: false });
    const { backend } = await runtime.state();
    const found = await findLock(backend, args.id);
    const mayAsk = process.stdin.isTTY === true && flags.input && !flags.json;
    await requireYes(`Take the lock of ${found.address} away from ${found.holder}?`, {
      isSaid: flags.force,
      ...(mayAsk && { ask: (question: string) => ask(question) }),
    });
    await found.breakIt();
    locksView(this.viewOptions(flags)).unlocked(found);
  }
}
