import { DiagnosticsError } from '../../diag/diagnostic.js';
import { isProviderError } from '../../providers/provider-error.js';
import type { ActionHandler, ApplyContext } from '../handler.js';

const POLL_MS = 2_000;
const SETTLE_MS = 5_000;

/** The guest shuts itself down; the plug is pulled only where the manifest allows it. Off is believed when seen twice. */
export const powerOff: ActionHandler<'power-off'> = async ({ timeoutSeconds, force }, context) => {
  const { source, vm } = context;
  if ((await source.powerState(vm.ref)) === 'on') {
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
