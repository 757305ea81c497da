import { BaseCommand, type CommonFlags } from '../cli/base-command.js';
import { doctorFlags, lastPhaseOf, probeOptionsOf } from '../cli/doctor-flags.js';
import { catchInterrupts, exitCodeOf } from '../cli/interrupts.js';
import { type ProjectFlags, settingsOf } from '../cli/project-flags.js';
import { exitCodes } from '../diag/exit-codes.js';
import { accountChecks } from '../engine/doctor/account-checks.js';
import type { AttemptOptions, AttemptReport } from '../engine/doctor/attempt.js';
import type { Check } from '../engine/doctor/check.js';
import { isFailed } from '../engine/doctor/check-row.js';
import { doctorChecks } from '../engine/doctor/doctor-checks.js';
import { probeChecks } from '../engine/doctor/probe-checks.js';
import { readingChecks } from '../engine/doctor/reading-checks.js';
import { selectionOf } from '../manifest/migration/select-migrations.js';
import type { Runtime } from '../runtime.js';
import { noteText } from '../views/apply/note-text.js';
import { type DoctorView, doctorView } from '../views/doctor/view.js';

export default class Doctor extends BaseCommand {
  static override summary =
    'Check this machine, the providers, their readers, and all that a plan checks. Changes nothing unless asked to probe or to read a VM.';
  static override description =
    'Run it before the first apply, on the machine that will run it: it names what is missing and how to get it, and for each ' +
    'provider which phases (plan, seed and sync, cutover) can be done. The migrations go through the same list of checks as in ' +
    '"plan", without a plan. It ends with 1 when anything is an error; on a machine that only plans, with accounts that only read, ' +
    '--for plan makes warnings of what only an apply would need. ' +
    'Whether a disk can be read only shows when it is read: --vm does so, from a snapshot that it takes and removes. ' +
    'With --probe-machine-types it boots a blank server for each machine type, takes it away again, and remembers which ' +
    'types the cloud has; no API tells.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --target vm/erp-db01',
    '<%= config.bin %> <%= command.id %> --for plan',
    '<%= config.bin %> <%= command.id %> --vm erp-db01',
    '<%= config.bin %> <%= command.id %> --openstack',
    '<%= config.bin %> <%= command.id %> --vcenter',
    '<%= config.bin %> <%= command.id %> --probe-machine-types --provider openstack --type pc-i440fx-rhel7.6.0',
  ];
  static override flags = doctorFlags;

  async run(): Promise<void> {
    const { flags } = await this.parse(Doctor);
    const view = doctorView(this.viewOptions(flags));
    const { vm: patterns, provider } = flags;
    if (flags.role) return view.role((await import('../runtime.js')).vcenterRole);
    if (flags['probe-machine-types']) {
      const word = 'Interrupted: the server being tried is taken away first.';
      return this.attempt({ ...flags, word }, view, (runtime, how) => probeChecks(runtime, { ...probeOptionsOf(flags), ...how }));
    }
    if (patterns !== undefined) {
      const word = 'Interrupted: the snapshot is removed first.';
      return this.attempt({ ...flags, word }, view, (runtime, how) =>
        readingChecks(runtime, { patterns, wordsOf: noteText, ...how }),
      );
    }
    const open = () => this.openRuntime({ ...settingsOf(flags), cwd: this.folder(flags), needsManifests: false });
    const type = flags.vcenter ? 'vmware' : 'openstack';
    const question = { targets: selectionOf(flags), provider, last: lastPhaseOf(flags), env: process.env };
    const isAccount = flags.vcenter || flags.openstack;
    const checks = isAccount ? await accountChecks(open, type, provider) : await doctorChecks(open, question);
    this.tell(checks, view, exitCodes.error);
  }

  /** What takes time and leaves something to be taken away when it is interrupted. */
  private async attempt(
    { word, ...flags }: CommonFlags & ProjectFlags & { readonly word: string },
    view: DoctorView,
    work: (runtime: Runtime, how: AttemptOptions) => Promise<AttemptReport>,
  ): Promise<void> {
    using interrupts = catchInterrupts(() => view.note(word));
    await using runtime = await this.openRuntime({ ...settingsOf(flags), cwd: this.folder(flags) });
    const { checks, isAborted, isHeld } = await work(runtime, { signal: interrupts.signal, note: (text) => view.note(text) });
    if (isAborted && checks.length > 0) view.checked(checks);
    if (isAborted) this.end(exitCodeOf(interrupts.received));
    this.tell(checks, view, isHeld ? exitCodes.lockHeld : exitCodes.error);
  }

  private tell(checks: readonly Check[], view: DoctorView, failure: number): void {
    view.checked(checks);
    if (checks.some(isFailed)) this.end(failure);
  }
}
