import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { readPlan } from '../cli/read-plan.js';
import { printableJson } from '../diag/printable.js';
import { encodePlanFile } from '../plan/file/plan-file.js';
import { planView } from '../views/plan/select.js';

export default class Show extends BaseCommand {
  static override summary = 'Show a saved plan. No network; refuses a file that was altered.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> plan.json',
    '<%= config.bin %> <%= command.id %> plan.json --json',
  ];
  static override args = { file: Args.string({ required: true, description: 'Saved plan.' }) };
  static override flags = {
    detail: Flags.option({ options: ['auto', 'vm', 'disk'] as const, default: 'auto' as const })({
      summary: 'One block a disk, or one line a VM.',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Show);
    const common = { ...flags, chdir: flags.chdir };
    const plan = await readPlan(this.path(common, args.file));
    if (flags.json) return this.streams.out(printableJson(encodePlanFile(plan)));
    planView(this.viewOptions(common)).plan(plan, { detail: flags.detail });
  }
}
