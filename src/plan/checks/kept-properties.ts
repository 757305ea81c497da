import { own } from '../../model/own.js';
import { ownedImageKeys } from '../core/image-metadata.js';
import type { PlanContext } from '../core/plan-context.js';
import type { TargetProblem } from '../core/target-problem.js';
import { bootDisk } from '../cutover/disk-order.js';

const owned: readonly string[] = ownedImageKeys;

/**
 * What an earlier manifest had written to the boot volume, or somebody else: nothing on the volume says which, so it stays, and decides the
 * hardware of the server (`hardware: emulated` that was taken out leaves its IDE disks). That it stays is told.
 */
export function keptProperties(context: PlanContext): TargetProblem[] {
  const { assessment } = bootDisk(context);
  if (!('volume' in assessment) || assessment.kind === 'converted' || assessment.volume.reading.kind !== 'record') return [];
  const { id, imageMetadata } = assessment.volume;
  const kept = Object.keys(imageMetadata).filter(
    (key) => key.startsWith('hw_') && !owned.includes(key) && own(context.image, key) === undefined,
  );
  return kept.sort().map((key) => keptProperty(id, key, JSON.stringify(own(imageMetadata, key))));
}

const keptProperty = (volume: string, key: string, value: string): TargetProblem => ({
  code: 'MP2088',
  detail: `boot volume ${volume} has ${key} ${value}, for which neither manifest nor source asks: it stays, and the server gets what it says`,
  nextSteps: [
    `openstack volume unset --image-property ${key} ${volume}`,
    `or, when it is meant, write target.imageMetadata: {${key}: ${value}}`,
  ],
  field: 'spec.target',
  severity: 'warning',
});
