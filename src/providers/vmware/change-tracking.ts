import type { VmRef } from '../../model/ids.js';
import { RetryBudget, type VmwareContext } from './context.js';
import { conflict } from './errors.js';
import { readObject } from './property-collector.js';
import { taskTimeout, vmMoref } from './snapshots.js';
import { EFFECT } from './soap/session.js';
import { waitForTask } from './tasks.js';

const RECONFIGURE = 'ReconfigVM_Task';
const ENABLED = 'config.changeTrackingEnabled';

/**
 * Asks for change tracking. Refused while there are snapshots: since vSphere 6.5 vCenter itself would accept it, and then
 * answer later questions incompletely without a word.
 */
export async function enableChangeTracking(context: VmwareContext, vm: VmRef): Promise<void> {
  const { session, config } = context;
  const retryBudget = new RetryBudget(context, RECONFIGURE);
  for (;;) {
    const now = await readObject(session, vmMoref(vm), [ENABLED, 'snapshot']);
    if (now.flag(ENABLED) === true) return;
    if (now.has('snapshot')) {
      throw conflict(
        config.name,
        RECONFIGURE,
        'the VM has snapshots: change tracking that is switched on now would miss changes',
      );
    }
    try {
      const task = await session.call(RECONFIGURE, vmMoref(vm), { spec: { changeTrackingEnabled: true } }, EFFECT);
      const end = await waitForTask(session, task, { call: RECONFIGURE, ...taskTimeout(config) });
      if (end.kind === 'success') break;
    } catch (error) {
      await retryBudget.waitOut(error);
    }
  }
  if ((await readObject(session, vmMoref(vm), [ENABLED])).flag(ENABLED) !== true) {
    throw conflict(config.name, RECONFIGURE, 'vCenter accepted the wish for change tracking and does not show it');
  }
}
