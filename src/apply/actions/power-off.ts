import { isProviderError } from '../../contracts/provider-error.js';
import { DiagnosticsError } from '../../diag/diagnostic.js';
import type { DesiredMigration } from '../../model/desired.js';
import { formatSeconds } from '../../model/format.js';
import type { DiskKey } from '../../model/ids.js';
import { secondsTogether } from '../../plan/cutover/downtime.js';
import type { ActionHandler, ApplyContext } from '../handler.js';
import { requireKnownGuest } from '../look-into-guest.js';
import { requireUnreverted } from '../same-line.js';

const POLL_MS = 2_000;
const SETTLE_MS = 5_000;

/** The guest shuts itself down; the plug is pulled only where the manifest allows it. Off is believed when seen twice. */
export const powerOff: ActionHandler<'power-off'> = async ({ timeoutSeconds, force }, context) => {
  const { source, vm } = context;
  if ((await source.powerState(vm.ref)) === 'on') {
    requireShortDowntime(context);
    await requireKnownGuest(context);
    await requireUnreverted(context);
    const wasAsked = await askGuest(context);
    if (!wasAsked || !(await waitForOff(context, timeoutSeconds))) {
      const why = wasAsked
        ? `the guest did not shut down within ${timeoutSeconds} s`
        : 'no VMware Tools are running, so the guest cannot be asked to shut down';
      if (!force) throw stillOn(context, why);
      context.emit({ type: 'note', address: context.desired.address, note: { kind: 'hard-power-off', why } });
      await source.powerOff(vm.ref);
    }
  }
  await requireOff(context, 'twice');
};

/**
 * The delta taken minutes ago, while the guest ran, is what the last one is measured by: it holds what was written meanwhile,
 * and as many disks are copied at a time. Conversion and start come on top and are known to nobody before.
 */
function requireShortDowntime({ desired, vm, ledger, settings }: ApplyContext): void {
  const limit = desired.limits.downtimeSeconds;
  if (limit === undefined || desired.finalSync === 'skip') return;
  const { history } = ledger.read();
  const measured = vm.disks.map(({ key }) => history[String(key)]?.[0]?.seconds);
  const unknown = vm.disks.filter((_, index) => measured[index] === undefined).map(({ key }) => key);
  if (unknown.length > 0) throw notMeasured(desired, unknown);
  const seconds = secondsTogether(measured.map(Number), settings.transfersMax);
  if (seconds <= limit) return;
  throw new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP6006',
      address: desired.address,
      detail: `the last delta of all disks took ${formatSeconds(seconds)} while the guest ran, ${settings.transfersMax} at a time; limits.downtime is ${formatSeconds(limit)}; the VM was left running`,
      nextSteps: [
        'run the same plan again: each delta is shorter than the one before when the guest writes less meanwhile',
        'or raise spec.limits.downtime and plan again',
      ],
    },
  ]);
}

/** The plan takes care that each disk has one; state that was lost meanwhile may not. */
const notMeasured = (desired: DesiredMigration, disks: readonly DiskKey[]): DiagnosticsError =>
  new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP6006',
      address: desired.address,
      detail: `no delta of disk ${disks.join(', ')} was measured yet, so limits.downtime cannot be judged; the VM was left running`,
      nextSteps: ['run the same plan again: it takes a delta first, and is measured by that'],
    },
  ]);

/** Throws when the source runs: nothing may move under a final copy, and nothing here ever powers it on. */
export async function requireOff(context: ApplyContext, looks: 'once' | 'twice'): Promise<void> {
  for (const settle of looks === 'twice' ? [0, SETTLE_MS] : [0]) {
    if (settle > 0) await context.clock.sleep(settle, context.signal);
    const state = await context.source.powerState(context.vm.ref);
    if (state !== 'off') throw poweredOn(context, state);
  }
}

async function askGuest({ source, vm }: ApplyContext): Promise<boolean> {
  try {
    await source.shutdownGuest(vm.ref);
    return true;
  } catch (error) {
    if (isProviderError(error, 'unsupported')) return false;
    throw error;
  }
}

async function waitForOff({ source, vm, clock, signal }: ApplyContext, timeoutSeconds: number): Promise<boolean> {
  const deadline = clock.monotonicMs() + timeoutSeconds * 1000;
  while ((await source.powerState(vm.ref)) !== 'off') {
    if (clock.monotonicMs() >= deadline) return false;
    await clock.sleep(POLL_MS, signal);
  }
  return true;
}

const stillOn = ({ desired }: ApplyContext, detail: string): DiagnosticsError =>
  new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP5007',
      address: desired.address,
      detail,
      nextSteps: [
        'shut the guest down from inside and run the same plan again',
        'or allow a hard power-off: spec.shutdown.force: true (writes still in the guest’s cache are lost)',
      ],
    },
  ]);

const poweredOn = ({ desired }: ApplyContext, state: string): DiagnosticsError =>
  new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP2023',
      address: desired.address,
      detail: `the source VM must be off for this step and is ${state}`,
      nextSteps: [
        'find out who powered it on: what it writes now is not on the target',
        'then run migplan plan: it shows how to go on from here',
      ],
    },
  ]);
