import type { CallLog } from '../call-log.js';
import type { FaultPlan } from '../fault-plan.js';
import type { Vcenter } from '../vcenter.js';
import type { VddkKnobs } from '../vddk-endpoint.js';
import type { Vm } from '../world/vm.js';

/** What the control commands work on. */
export interface ControlContext {
  readonly vcenter: Vcenter;
  readonly faults: FaultPlan;
  readonly calls: CallLog;
  /** Read by the disk endpoint at each open. */
  readonly vddk: { knobs: VddkKnobs };
}

/** A VM by id, name or instance uuid. Throws when none or several match. */
export function findVm({ vcenter }: ControlContext, name: string): Vm {
  const all = [...vcenter.world.vms.values()];
  const matching = all.filter((vm) => [vm.ref.value, vm.name, vm.instanceUuid].includes(name));
  if (matching.length !== 1) throw new Error(`${matching.length} virtual machines match "${name}"`);
  return matching[0]!;
}
