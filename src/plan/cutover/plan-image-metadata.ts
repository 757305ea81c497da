import type { Diagnostic } from '../../diag/diagnostic.js';
import type { Action } from '../core/action.js';
import { imageMetadataChange } from '../core/image-metadata.js';
import type { MachineTypeFallback } from '../core/machine-type.js';
import { type AssessedDisk, blockerDiagnostic, type PlanContext } from '../core/plan-context.js';
import { bootDisk } from './disk-order.js';

/** As they will be: what is wanted, over what stands on the boot volume and is left alone. */
export function bootImageMetadata(context: PlanContext): Record<string, string> {
  const { assessment } = bootDisk(context);
  const current = 'volume' in assessment ? assessment.volume.imageMetadata : {};
  return { ...current, ...context.image };
}

/** Image metadata stand on the boot volume only: that is the one Nova reads. What an earlier choice left on another goes away. */
export function planImageMetadata(context: PlanContext): Action[] {
  const boot = bootDisk(context);
  return [
    ...bootVolume(context, boot),
    ...context.disks.flatMap((assessed) => (assessed === boot ? [] : notBootVolume(assessed))),
  ];
}

function bootVolume(context: PlanContext, { disk, assessment }: AssessedDisk): Action[] {
  const volume = 'volume' in assessment ? assessment.volume : undefined;
  const change = imageMetadataChange(context.image, volume?.imageMetadata ?? {});
  const bootable = volume?.bootable !== true;
  if (change === undefined && !bootable) return [];
  const { set, unset, before } = change ?? { set: {}, unset: [], before: {} };
  const fallback = 'hw_machine_type' in set ? fallbackOf(context) : undefined;
  return [
    {
      kind: 'set-image-metadata',
      disk: disk.key,
      set,
      unset,
      before,
      bootable,
      ...(fallback === undefined ? {} : { machineTypeAsked: fallback.of }),
    },
  ];
}

/** With a record of ours, or about to have one. */
const isOurs = (assessment: AssessedDisk['assessment']): boolean =>
  'volume' in assessment &&
  (assessment.volume.reading.kind === 'record' || (assessment.kind === 'full' && assessment.begunBy !== undefined));

/** Only of a volume of ours: one that was a boot volume by an earlier plan, or that a tool made which makes all of them bootable. */
function notBootVolume({ disk, assessment }: AssessedDisk): Action[] {
  if (!('volume' in assessment) || !isOurs(assessment)) return [];
  const { imageMetadata, bootable } = assessment.volume;
  const { unset = [], before = {} } = imageMetadataChange({}, imageMetadata) ?? {};
  if (!bootable && unset.length === 0) return [];
  const notBootable = bootable ? ({ notBootable: true } as const) : {};
  return [{ kind: 'set-image-metadata', disk: disk.key, set: {}, unset, before, bootable: false, ...notBootable }];
}

const fallbackOf = ({ machineType }: PlanContext): MachineTypeFallback | undefined =>
  machineType.kind === 'written' ? machineType.fallback : undefined;

/** A type that the Project maps is no reason to warn, but it is said each time. */
export function machineTypeNotes({ desired, machineType: choice }: PlanContext): string[] {
  if (choice.kind !== 'written' || choice.fallback?.by !== 'project') return [];
  return [`Machine type "${choice.fallback.of}" is written as "${choice.type}" (machineTypeMap of ${desired.target.provider})`];
}

/** A converted volume is left as it is; that its machine type is not the one asked for must be told all the same. */
export function machineTypeDrift(context: PlanContext): Diagnostic[] {
  const { desired, machineType: choice } = context;
  const { assessment } = bootDisk(context);
  if (!('volume' in assessment)) return [];
  const { id, imageMetadata } = assessment.volume;
  if (choice.kind === 'refused') return [];
  const wanted = choice.kind === 'written' ? choice.type : undefined;
  const has = imageMetadata['hw_machine_type'];
  if (has === wanted) return [];
  const shown = (type: string | undefined): string => (type === undefined ? 'none' : `"${type}"`);
  const mend =
    wanted === undefined
      ? `openstack volume unset --image-property hw_machine_type ${id}`
      : `openstack volume set --image-property hw_machine_type=${wanted} ${id}`;
  return [
    {
      ...blockerDiagnostic(desired, desired.address, {
        code: 'MP2081',
        differs: { before: { hw_machine_type: wanted ?? null }, after: { hw_machine_type: has ?? null } },
        detail: `boot volume ${id} is converted and has machine type ${shown(has)}, asked for is ${shown(wanted)}`,
        nextSteps: [mend, `or write hwMachineType: ${has ?? 'default'} when that is meant`],
        field: 'spec.hwMachineType',
      }),
      severity: 'warning',
    },
  ];
}
