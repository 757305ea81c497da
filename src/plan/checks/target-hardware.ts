import type { MachineTypeKnowledge } from '../../model/machine-types/knowledge.js';
import { machineFamily } from '../../model/machine-types/machine-type.js';
import { hardwareConflict, machineTypesOf } from '../core/image-metadata.js';
import type { PlanContext } from '../core/plan-context.js';
import type { TargetProblem } from '../core/target-problem.js';
import { bootImageMetadata } from '../cutover/plan-image-metadata.js';

const field = 'spec.hwMachineType';

/** Machine types that the target does not have, and hardware that Nova would refuse at boot or the guest cannot boot from. */
export const hardwareDiagnostics = (context: PlanContext): TargetProblem[] => [
  ...machineTypeProblems(context),
  ...windowsBus(context),
];

/** virt-v2v makes virtio-blk, and nothing else of virtio, a driver that Windows starts with. */
function windowsBus(context: PlanContext): TargetProblem[] {
  const { vm } = context;
  const bus = bootImageMetadata(context)['hw_disk_bus'];
  if (vm.traits.conversion === 'none' || vm.guest.family !== 'windows' || bus !== 'scsi') return [];
  return [
    {
      code: 'MP2051',
      detail: 'hw_disk_bus is "scsi", for which a converted Windows has no driver that it can boot from',
      nextSteps: ['set hw_disk_bus: virtio in spec.target.imageMetadata, or spec.target.hardware: emulated'],
      field: 'spec.target.imageMetadata',
    },
  ];
}

function machineTypeProblems(context: PlanContext): TargetProblem[] {
  const { desired, vm, observed, machineType: choice } = context;
  switch (choice.kind) {
    case 'default':
      return [
        ...ideOfDefault(bootImageMetadata(context)['hw_disk_bus'], machineTypesOf(observed), desired.target.provider),
        ...(desired.hwMachineType === 'preserve' ? [notRecorded] : vm.firmware === 'efi' ? [leftToDestination] : []),
      ];
    case 'refused':
      return [{ code: 'MP2027', detail: `${desired.target.provider}: ${choice.why}`, nextSteps: choice.nextSteps, field }];
    case 'written': {
      const conflict = hardwareConflict({ type: choice.type, bus: bootImageMetadata(context)['hw_disk_bus'] }, vm);
      return [
        ...(conflict === undefined ? [] : [conflictProblem(conflict, choice.type)]),
        ...(choice.fallback?.by === 'family' ? [fallbackWarning(choice.fallback.of, choice.type, desired.target.provider)] : []),
      ];
    }
  }
}

/** Which type that is no API tells. */
function ideOfDefault(bus: string | undefined, cloud: MachineTypeKnowledge, provider: string): TargetProblem[] {
  if (bus !== 'ide') return [];
  const nextSteps = ['set hwMachineType: pc', 'or imageMetadata: {hw_disk_bus: sata}, virtio or scsi in spec.target'];
  if (cloud.default === undefined) {
    const detail =
      'hw_disk_bus is "ide", which q35 does not have, and no machine type is written: the server does not start where q35 is the default';
    return [{ severity: 'warning', code: 'MP2018', detail, nextSteps, field }];
  }
  if (machineFamily(cloud.default) !== 'q35') return [];
  const detail = `hw_disk_bus is "ide", no machine type is written, and the default of ${provider} is "${cloud.default}", which has no IDE controller`;
  return [{ code: 'MP2018', detail, nextSteps, field }];
}

const conflictProblem = (detail: string, type: string): TargetProblem => ({
  code: 'MP2018',
  detail,
  nextSteps: [
    machineFamily(type) === 'q35'
      ? 'set imageMetadata: {hw_disk_bus: sata}, virtio or scsi in spec.target, or a pc type'
      : 'set hwMachineType: preserve, q35, or a pc-q35 type',
  ],
  field,
});

/** Preserving what nobody recorded gives the destination's default: said, not refused. */
const notRecorded: TargetProblem = {
  severity: 'warning',
  code: 'MP2041',
  detail:
    'no machine type is recorded at the source (in a cloud: as hw_machine_type of the boot volume or of its image), so the server ' +
    "gets the destination's default",
  nextSteps: ['to be sure, set spec.hwMachineType: pc (what older clouds default to), q35, or default'],
  field,
};

const leftToDestination: TargetProblem = {
  severity: 'warning',
  code: 'MP2018',
  detail:
    'the source boots by UEFI, which needs a q35 machine type, and hwMachineType: default leaves the type to the destination',
  nextSteps: ['set hwMachineType: preserve, unless the default of the destination is q35'],
  field,
};

const fallbackWarning = (requested: string, type: string, provider: string): TargetProblem => ({
  severity: 'warning',
  code: 'MP2029',
  detail: `${provider} has no machine type "${requested}"; "${type}" is written, its newest of the same chipset, which is not the same hardware`,
  nextSteps: [`set hwMachineType: ${type} when that is meant, or choose another one with machineTypeMap of the provider`],
  field,
});
