import { DiagnosticsError } from '../../diag/diagnostic.js';
import { formatSeconds } from '../../plan/format.js';
import { isProviderError } from '../../providers/provider-error.js';
import type { ActionHandler, ApplyContext } from '../handler.js';

const POLL_MS = 2_000;
const SETTLE_MS = 5_000;

/** The guest shuts itself down; the plug is pulled only where the manifest allows it. Off is believed when seen twice. */
export const powerOff: ActionHandler<'power-off'> = async ({ timeoutSeconds, force }, context) => {
  const { source, vm } = context;
  if ((await source.powerState(vm.ref)) === 'on') {
    requireShortDowntime(context);
    const wasAsked = await askGuest(context);
    if (!wasAsked || !(await waitForOff(context, timeoutSeconds))) {
      const why = wasAsked
        ? `the guest did not shut down within ${timeoutSeconds} s`
        : 'no VMware Tools are running, so the guest cannot be asked to shut down';
      if (!force) throw stillOn(context, why);
      context.emit({ type: 'note', address: context.desired.address, text: `${why}; powering off hard (shutdown.force)` });
      await source.powerOff(vm.ref);
    }
  }
  await requireOff(context, 'twice');
};

/**
 * The delta taken minutes ago, while the guest ran, is what the last one is measured by: it holds what was written meanwhile.
 * Conversion and start come on top and are known to nobody before.
 */
function requireShortDowntime({ desired, ledger, records }: ApplyContext): void {
  const limit = desired.limits.downtimeSeconds;
  if (limit === undefined || desired.finalSync === 'skip') return;
  const { history } = ledger.read();
  const seconds = Math.max(0, ...[...records.keys()].map((disk) => history[String(disk)]?.[0]?.seconds ?? 0));
  if (seconds <= limit) return;
  throw new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP6006',
      address: desired.address,
      detail: `the last delta took ${formatSeconds(seconds)} while the guest ran, limits.downtime is ${formatSeconds(limit)}; the VM was left running`,
      nextSteps: [
        'run the same plan again: each delta is shorter than the one before when the guest writes less meanwhile',
        'or raise spec.limits.downtime and plan again',
      ],
    },
  ]);
}

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
  const deadline = clock.now().getTime() + timeoutSeconds * 1000;
  while ((await source.powerState(vm.ref)) !== 'off') {
    if (clock.now().getTime() >= deadline) return false;
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
