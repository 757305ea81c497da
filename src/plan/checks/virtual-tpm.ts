import type { PlanContext } from '../core/plan-context.js';
import type { TargetProblem } from '../core/target-problem.js';
import { isAhead } from './guest-checks.js';

/**
 * The target gets a new TPM, which is empty. Windows seals the key of its system disk with it where BitLocker is on, and device
 * encryption switches that on by itself; the guest then asks for its recovery key and does not boot without. A VM of vSphere with a TPM
 * is not migrated at all.
 */
export function virtualTpm(context: PlanContext): TargetProblem[] {
  const { vm } = context;
  const version = vm.openstackGuest?.imageMetadata['hw_tpm_version'];
  if (version === undefined || vm.guest.family !== 'windows' || !isAhead(context)) return [];
  return [
    {
      severity: 'warning',
      code: 'MP2068',
      detail:
        `the server has a virtual TPM (${version}), whose content stays behind: where Windows has sealed the key of its disk ` +
        'with it (BitLocker, device encryption), the migrated guest asks for its recovery key',
      nextSteps: ['suspend BitLocker in the guest before the cutover, and have its recovery key at hand'],
      field: 'spec.source',
    },
  ];
}
