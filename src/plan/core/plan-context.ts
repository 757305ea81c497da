import type { Diagnostic } from '../../diag/diagnostic.js';
import type { DesiredMigration } from '../../model/desired.js';
import type { ObservedMigration } from '../../model/observed.js';
import type { ObservedDisk, ObservedVm } from '../../model/observed-source.js';
import { own } from '../../model/own.js';
import type { Blocker } from './blocker.js';
import type { NicFate } from './destination-nics.js';
import type { DestinationServer } from './destination-server.js';
import type { DiskAssessment } from './disk-assessment.js';
import type { MachineTypeChoice } from './machine-type.js';

export interface AssessedDisk {
  readonly disk: ObservedDisk;
  readonly assessment: DiskAssessment;
}

/** All that the parts of the planner look at. */
export interface PlanContext {
  readonly desired: DesiredMigration;
  readonly observed: ObservedMigration;
  readonly vm: ObservedVm;
  readonly disks: readonly AssessedDisk[];
  /** What becomes of each NIC of the source. None: no server is wanted. */
  readonly nics: readonly NicFate[];
  /** The server to be made; absent: none is wanted. */
  readonly destination?: DestinationServer;
  /** What becomes of hwMachineType on the target. */
  readonly machineType: MachineTypeChoice;
  /** What the boot volume should say of the server's hardware. */
  readonly image: Readonly<Record<string, string>>;
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
    ...(blocker.differs === undefined ? {} : { differs: blocker.differs }),
  };
}
