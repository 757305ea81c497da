import { errorDiagnostics } from '../apply/error-diagnostics.js';
import { BaseCommand } from '../cli/base-command.js';
import { conversionPreflight } from '../convert/preflight.js';
import { type Diagnostic, hasErrors } from '../diag/diagnostic.js';
import { exitCodes } from '../diag/exit-codes.js';
import { Runtime } from '../runtime.js';
import { transferPreflight } from '../transfer/index.js';
import { type Check, doctorView } from '../views/doctor/view.js';

export default class Doctor extends BaseCommand {
  static override summary = 'Check this machine, the credentials and the certificates. Changes nothing.';
  static override description =
    'Run it on the conversion host before the first apply: it names what is missing and how to get it.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<void> {
    const { flags } = await this.parse(Doctor);
    const common = { ...flags, chdir: flags.chdir };
    const checks: Check[] = [
      await check('programs that move bytes', async () => ({
        found: 'nbdkit, nbdcopy, qemu',
        diagnostics: await transferPreflight(),
      })),
      await check('programs that convert', async () => ({
        found: 'virt-v2v-in-place, libguestfs',
        diagnostics: await conversionPreflight({ windows: true }),
      })),
      ...(await this.providerChecks(common)),
    ];
    doctorView(this.viewOptions(common)).checked(checks);
    if (checks.some(({ diagnostics }) => hasErrors(diagnostics))) this.end(exitCodes.error);
  }

  private async providerChecks(common: Parameters<BaseCommand['viewOptions']>[0]): Promise<Check[]> {
    const checks: Check[] = [];
    const opened = await check('project', async () => {
      await using runtime = await Runtime.open({ cwd: this.folder(common), env: process.env });
      for (const name of Object.keys(runtime.project.providers)) {
        checks.push(
          await check(`provider ${name}`, async () => {
            const identity = await (await runtime.provider(name)).identify();
            return {
              found: `${identity.endpoint} (${identity.kind === 'vmware' ? 'vCenter' : 'project'} ${identity.id})`,
              diagnostics: [],
            };
          }),
        );
      }
      return { found: `${runtime.loaded.migrations.length} migrations`, diagnostics: runtime.loaded.diagnostics };
    });
    return [opened, ...checks];
  }
}

async function check(
  name: string,
  look: () => Promise<{ readonly found: string; readonly diagnostics: readonly Diagnostic[] }>,
): Promise<Check> {
  try {
    const { found, diagnostics } = await look();
    return { name, found: hasErrors(diagnostics) ? '' : found, diagnostics };
  } catch (error) {
    const diagnostics = errorDiagnostics(error, name);
    if (diagnostics === undefined) throw error;
    return { name, found: '', diagnostics };
  }
}
