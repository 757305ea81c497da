import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { lockTimeoutFlag, lockTimeoutMs } from '../cli/lock-timeout.js';
import { planFlags, planViewFor, tellGithub } from '../cli/plan-format.js';
import { planSelected } from '../cli/planning.js';
import { projectFlags, settingsOf } from '../cli/project-flags.js';
import { savePlan } from '../cli/save-plan.js';
import { selectionFlags } from '../cli/selection.js';
import { trustFlag, trustOf } from '../cli/trust.js';
import { exitCodes } from '../diag/exit-codes.js';
import { printableJson } from '../diag/printable.js';
import { encodePlanFile, type PlanFile } from '../plan/file/plan-file.js';
import { planView } from '../views/plan/select.js';

const fails = (plan: PlanFile, on: readonly ('blocked' | 'violations')[] = []): boolean =>
  (on.includes('blocked') && plan.counts.blocked > 0) || (on.includes('violations') && (plan.violations ?? []).length > 0);

const onlyShown = ['format', 'detail'] as const;

export default class Plan extends BaseCommand {
  static override summary = 'Show what apply would do, and change nothing.';
  static override description =
    'Compares the manifests with what vCenter and OpenStack say now. With --out the plan is saved as one JSON file for review; ' +
    '"apply FILE" then does exactly that, or refuses when the world has changed.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --out plan.json',
    "<%= config.bin %> <%= command.id %> --target 'vm/erp-*' --detailed-exitcode",
    '<%= config.bin %> <%= command.id %> --env prod --var flavor=m1.large --out prod.json',
    "<%= config.bin %> <%= command.id %> -l 'wave=10,!hold' --out wave-10.json",
    '<%= config.bin %> <%= command.id %> --out plan.json --format markdown',
  ];
  static override flags = {
    ...projectFlags,
    out: Flags.string({
      summary: 'Save the plan to this file ("-" for stdout).',
      helpValue: 'FILE',
      // With the plan itself on stdout nothing else is shown.
      relationships: [{ type: 'none', flags: onlyShown.map((name) => ({ name, when: async ({ out }) => out === '-' })) }],
    }),
    ...selectionFlags,
    ...planFlags,
    'detailed-exitcode': Flags.boolean({ summary: 'Exit 2 when there is something to do, or a VM is blocked.' }),
    ...trustFlag,
    ...lockTimeoutFlag,
    'fail-on': Flags.option({ options: ['blocked', 'violations'] as const, multiple: true })({
      summary: 'Exit 1 when a migration is blocked, or when the plan breaks a rule. May be repeated.',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Plan);
    const waitMs = lockTimeoutMs(flags);
    const began = performance.now();
    const common = { ...flags, json: flags.json || flags.format === 'json' };
    await using runtime = await this.openRuntime({ ...settingsOf(flags), cwd: this.folder(common) });
    // With the plan itself on stdout, all else goes to stderr.
    const view =
      flags.out === '-'
        ? planView({ ...this.viewOptions(common), format: 'human' })
        : await planViewFor(flags.format, this.viewOptions(common));
    const trust = await trustOf(runtime, { flag: flags.trust, folder: this.folder(common) });
    const selection = { selecting: flags, version: this.config.version, view, trust, lockTimeoutMs: waitMs };
    const { plan } = await planSelected(runtime, selection);
    if (flags.out === '-') this.streams.out(printableJson(encodePlanFile(plan)));
    else view.plan(plan, { detail: flags.detail, seconds: (performance.now() - began) / 1000 });
    if (flags.out === undefined) {
      if (plan.plan.applyable) view.notSaved();
    } else if (flags.out !== '-') {
      await savePlan(this.path(common, flags.out), plan);
      view.saved(flags.out, plan, flags);
    }
    await tellGithub(flags.format, plan);
    if (fails(plan, flags['fail-on'])) this.end(exitCodes.error);
    if (flags['detailed-exitcode'] && (plan.plan.applyable || plan.counts.blocked > 0)) this.end(exitCodes.changes);
  }
}
