import type { VmRef } from '../../model/ids.js';
import type { PowerState } from '../../model/observed-source.js';
import { RetryBudget, type VmwareContext } from './context.js';
import { readPowerState } from './inventory/to-observed-vm.js';
import { readObject } from './property-collector.js';
import { taskTimeout, vmMoref } from './snapshots.js';
import { EFFECT, READ } from './soap/session.js';
import { asFault } from './soap/vim-fault.js';
import { waitForTask } from './tasks.js';

export async function powerState({ session }: VmwareContext, vm: VmRef): Promise<PowerState> {
  return readPowerState(await readObject(session, vmMoref(vm), ['runtime.powerState']));
}

/** Asks the guest. Asking twice is harmless, so a lost answer is simply asked for again. */
export async function shutdownGuest(context: VmwareContext, vm: VmRef): Promise<void> {
  const retryBudget = new RetryBudget(context, 'ShutdownGuest');
  while ((await powerState(context, vm)) !== 'off') {
    try {
      return await context.session.call('ShutdownGuest', vmMoref(vm), {}, READ);
    } catch (error) {
      if (isOff(error)) return;
      await retryBudget.waitOut(error);
    }
  }
}

export async function powerOff(context: VmwareContext, vm: VmRef): Promise<void> {
  const retryBudget = new RetryBudget(context, 'PowerOffVM_Task');
  while ((await powerState(context, vm)) !== 'off') {
    try {
      const task = await context.session.call('PowerOffVM_Task', vmMoref(vm), {}, EFFECT);
      await waitForTask(context.session, task, { call: 'PowerOffVM_Task', ...taskTimeout(context.config) });
    } catch (error) {
      if (isOff(error)) return;
      await retryBudget.waitOut(error);
    }
  }
}

const isOff = (error: unknown): boolean => asFault(error, 'InvalidPowerState')?.existingState === 'poweredOff';
