import { BaseCommand } from '../cli/base-command.js';
import { requiredArgument } from '../cli/text-argument.js';
import { readCode } from '../diag/code-groups.js';
import { DiagnosticsError } from '../diag/diagnostic.js';
import { explainView } from '../views/explain/view.js';

export default class Explain extends BaseCommand {
  static override summary = 'Say what a code of an error or a warning means, and which checks look for it. No network.';
  static override examples = ['<%= config.bin %> <%= command.id %> MP2006'];
  static override args = { code: requiredArgument('Such as MP2006.') };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Explain);
    const code = readCode(args.code);
    if (code === undefined) {
      const detail = `"${args.code}" is no code of migplan`;
      throw new DiagnosticsError([
        { severity: 'error', code: 'MP1035', detail, nextSteps: ['all codes stand in docs/diagnostics.md'] },
      ]);
    }
    explainView(this.viewOptions({ ...flags, chdir: flags.chdir })).explained(code);
  }
}
