import { BaseCommand } from '../cli/base-command.js';
import { readPlanBytes } from '../cli/read-plan.js';
import { requiredArgument } from '../cli/text-argument.js';
import { trustFlag, trustToVerify, vouchedFor } from '../cli/trust.js';
import { exitCodes } from '../diag/exit-codes.js';
import { judgeTrust } from '../engine/trust/require-trust.js';
import { systemClock } from '../host/clock.js';
import { trustView } from '../views/trust/view.js';

export default class Verify extends BaseCommand {
  static override summary = 'Say who signed and approved a saved plan, and whether the trust policy is content. No network.';
  static override description =
    'Exits 4 where the policy would not let the plan be applied. Rules about plans and times are looked at by plan and apply.';
  static override examples = ['<%= config.bin %> <%= command.id %> plan.json --trust trust.yaml'];
  static override args = { file: requiredArgument('Saved plan.') };
  static override flags = { ...trustFlag };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Verify);
    const file = await readPlanBytes(this.path(flags, args.file));
    const folder = this.folder(flags);
    const trust = await trustToVerify({ flag: flags.trust, folder }, () =>
      this.openRuntime({ cwd: folder, needsManifests: false }),
    );
    const { plan, vouched } = await vouchedFor(file, trust);
    const verdict = judgeTrust(plan, vouched, { now: systemClock.now(), begun: [], allowCutover: false });
    trustView(this.viewOptions(flags)).verified(plan, vouched, verdict);
    if (verdict.refusals.length > 0) this.end(exitCodes.planRefused);
  }
}
