import type { Diagnostic } from '../../diag/diagnostic.js';
import type { DesiredMigration } from '../../model/desired.js';
import type { ObservedDisk, ObservedMigration, ObservedVm } from '../../model/observed.js';
import { own } from '../../model/own.js';
import type { Blocker, DiskVerdict } from './verdict.js';

export interface JudgedDisk {
  readonly disk: ObservedDisk;
  readonly verdict: DiskVerdict;
}

/** All that the parts of the planner look at. */
export interface Scene {
  readonly desired: DesiredMigration;
  readonly observed: ObservedMigration;
  readonly vm: ObservedVm;
  readonly disks: readonly JudgedDisk[];
  readonly now: Date;
}

/** A blocker with its place in the manifest: the field it names, else the phase, else the document. */
export function blockerDiagnostic(desired: DesiredMigration, address: string, blocker: Blocker): Diagnostic {
  const { ranges } = desired;
  const named = blocker.field === undefined ? undefined : own(ranges, blocker.field);
  const source = named ?? ranges['spec.phase'] ?? ranges['spec'] ?? ranges[''];
  return {
    severity: 'error',
    code: blocker.code,
    address,
    detail: blocker.detail,
    nextSteps: blocker.nextSteps,
    ...(source === undefined ? {} : { source }),
  };
}
