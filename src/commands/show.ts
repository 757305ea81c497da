import { BaseCommand } from '../cli/base-command.js';
import { planFlags, planViewFor, tellGithub } from '../cli/plan-format.js';
import { readPlan } from '../cli/read-plan.js';
import { requiredArgument } from '../cli/text-argument.js';
import { printableJson } from '../diag/printable.js';
import { encodePlanFile } from '../plan/file/plan-file.js';

export default class Show extends BaseCommand {
  static override summary = 'Show a saved plan. No network; refuses a file that was altered.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> plan.json',
    '<%= config.bin %> <%= command.id %> plan.json --json',
    '<%= config.bin %> <%= command.id %> plan.json --format markdown',
  ];
  static override args = { file: requiredArgument('Saved plan.') };
  static override flags = {
    ...planFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Show);
    const plan = await readPlan(this.path(flags, args.file));
    if (flags.json || flags.format === 'json') return this.streams.out(printableJson(encodePlanFile(plan)));
    (await planViewFor(flags.format, this.viewOptions(flags))).plan(plan, { detail: flags.detail });
    await tellGithub(flags.format, plan);
  }
}
