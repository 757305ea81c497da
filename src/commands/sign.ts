import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { planIn, readPlanBytes } from '../cli/read-plan.js';
import { requiredArgument } from '../cli/text-argument.js';
import { toSign } from '../cli/trust.js';
import { signPlan } from '../engine/trust/sign-plan.js';
import { trustView } from '../views/trust/view.js';

export default class Sign extends BaseCommand {
  static override summary = 'Sign a saved plan with an SSH key. No network; refuses a file that was altered.';
  static override description =
    'Writes FILE.sig beside the plan, made by ssh-keygen over the exact bytes. migplan never reads a private key: a public one is enough where an agent holds the other.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> plan.json --key ~/.ssh/id_ed25519',
    '<%= config.bin %> <%= command.id %> plan.json --key ~/.ssh/id_ed25519.pub',
  ];
  static override args = { file: requiredArgument('Saved plan.') };
  static override flags = {
    key: Flags.string({
      required: true,
      summary: 'Private key, or the public one of a key that the agent holds.',
      helpValue: 'FILE',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Sign);
    const file = await readPlanBytes(this.path(flags, args.file));
    const plan = planIn(file);
    const written = await toSign(() => signPlan(file, this.path(flags, flags.key)));
    trustView(this.viewOptions(flags)).signed(written, plan);
  }
}
