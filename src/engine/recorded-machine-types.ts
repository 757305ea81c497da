import type { SourceProvider } from '../contracts/source-provider.js';
import { interruptible } from '../host/interruption.js';
import type { ObservedVm } from '../model/observed-source.js';

export interface RecordedMachineTypesOptions {
  readonly source: SourceProvider;
  /** Ends the wait for a server; what was made for it is taken away first. */
  readonly signal: AbortSignal;
  /** Before each server that is asked for; taking its snapshots may last. */
  onAsk(vm: ObservedVm): void;
}

/**
 * Asks the source for the machine types that its lists do not tell, one server after the other: each costs it snapshots, which
 * it takes and removes. VMs of other sources, and those that tell their type, come back as they are.
 */
export async function withRecordedMachineTypes(
  vms: readonly ObservedVm[],
  { source, signal, onAsk }: RecordedMachineTypesOptions,
): Promise<ObservedVm[]> {
  const completed: ObservedVm[] = [];
  for (const vm of vms) {
    signal.throwIfAborted();
    if (
      vm.openstackGuest === undefined ||
      vm.openstackGuest.machineType !== undefined ||
      source.recordedMachineType === undefined
    ) {
      completed.push(vm);
      continue;
    }
    onAsk(vm);
    const value = await interruptible(signal, async () => source.recordedMachineType?.(vm.ref));
    completed.push(
      value === undefined ? vm : { ...vm, openstackGuest: { ...vm.openstackGuest, machineType: { value, from: 'server' } } },
    );
  }
  return completed;
}
