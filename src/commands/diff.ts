import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { readPlan } from '../cli/read-plan.js';
import { requiredArgument } from '../cli/text-argument.js';
import { exitCodes } from '../diag/exit-codes.js';
import { comparePlans, isSame } from '../plan/file/compare-plans.js';
import { diffView } from '../views/diff/view.js';

export default class Diff extends BaseCommand {
  static override summary = 'Show what differs between two saved plans. No network; refuses files that were altered.';
  static override description =
    'Compares what each plan does to each VM, from which facts, and what it warns of; not what is another in every plan, as id and times are.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> approved.json now.json',
    '<%= config.bin %> <%= command.id %> approved.json now.json --detailed-exitcode --json',
  ];
  static override args = {
    before: requiredArgument('Saved plan.'),
    after: requiredArgument('Saved plan that it is compared with.'),
  };
  static override flags = { 'detailed-exitcode': Flags.boolean({ summary: 'Exit 2 when they differ.' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Diff);
    const common = { ...flags, chdir: flags.chdir };
    const [before, after] = [await readPlan(this.path(common, args.before)), await readPlan(this.path(common, args.after))];
    const comparison = comparePlans(before, after);
    diffView(this.viewOptions(common)).compared(comparison, { before, after });
    if (flags['detailed-exitcode'] && !isSame(comparison)) this.end(exitCodes.changes);
  }
}
