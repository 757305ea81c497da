import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { durationMs } from '../cli/duration-flag.js';
import { planIn, readPlanBytes } from '../cli/read-plan.js';
import { requiredArgument } from '../cli/text-argument.js';
import { toSign } from '../cli/trust.js';
import { approvePlan } from '../engine/trust/sign-plan.js';
import { systemClock } from '../host/clock.js';
import { approvalKinds } from '../model/approval-kinds.js';
import { trustView } from '../views/trust/view.js';

export default class Approve extends BaseCommand {
  static override summary = 'Approve a saved plan, or some of what it does, with an SSH key. No network.';
  static override description =
    'Writes an approval and its signature to FILE.approvals/. It names the exact bytes of the plan, its environment, what is approved and until when; whether it counts is for the trust policy to say.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> plan.json --key ~/.ssh/id_ed25519',
    '<%= config.bin %> <%= command.id %> plan.json --key ~/.ssh/id_ed25519.pub --action cutover --environment production --valid-for 8h',
  ];
  static override args = { file: requiredArgument('Saved plan.') };
  static override flags = {
    key: Flags.string({
      required: true,
      summary: 'Private key, or the public one of a key that the agent holds.',
      helpValue: 'FILE',
    }),
    action: Flags.option({ options: approvalKinds, multiple: true })({
      summary: 'Approve only this of what the plan does. May be repeated. Default: all that it does.',
    }),
    environment: Flags.string({
      summary: 'What you take the plan to be for; refused when it says something else.',
      helpValue: 'NAME',
    }),
    'valid-for': Flags.string({ summary: 'How long the approval is good, such as 8h.', default: '24h', helpValue: 'DURATION' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Approve);
    const { action: actions, environment } = flags;
    const file = await readPlanBytes(this.path(flags, args.file));
    const plan = planIn(file);
    const validMs = durationMs('valid-for', flags['valid-for']);
    const given = { actions, environment, validMs, key: this.path(flags, flags.key), now: systemClock.now() };
    const written = await toSign(() => approvePlan(file, plan, given));
    trustView(this.viewOptions(flags)).approved(written, plan);
  }
}
