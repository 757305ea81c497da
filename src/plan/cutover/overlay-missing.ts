import type { Diagnostic } from '../../diag/diagnostic.js';
import { blockerDiagnostic, type PlanContext } from '../core/plan-context.js';
import { requestsFor } from '../core/reseed.js';

const whereItRan = 'apply on the machine (and with the .migplan folder) that ran the cutover';
const fromTheSource = (once: string): string =>
  `or set spec.reseed: ${once} to copy all disks again from the source, which is off and unchanged`;

/** What leads out of a merging whose overlays are gone. */
export const mergingSteps = (once: string): readonly string[] => [whereItRan, fromTheSource(once)];

/** Some disks are converted or being merged, and what is left to merge is not here, or the others are at another station. */
export function overlayMissing(context: PlanContext): Diagnostic {
  const { desired, disks, observed } = context;
  const states = `disks: ${disks.map(({ disk, assessment }) => `${disk.key} ${assessment.kind}`).join(', ')}`;
  const isElsewhere = disks.every(({ assessment }) => assessment.kind === 'committing' || assessment.kind === 'complete');
  return blockerDiagnostic(desired, desired.address, {
    code: 'MP2017',
    detail: isElsewhere
      ? `a conversion was being committed when it stopped, and its overlays are not on this machine; ${states}`
      : `some disks are converted and others are not, and a guest is converted with all of its disks; ${states}`,
    nextSteps: isElsewhere ? mergingSteps(requestsFor(observed).once) : [anew(context)],
  });
}

/** A volume that is converted is never written again: a reseed leads out only where none is. Nobody is told to delete what a guest may run on. */
function anew({ disks, observed }: PlanContext): string {
  const { server, conversionHost } = observed;
  const converted = disks.flatMap(({ assessment }) => (assessment.kind === 'converted' ? [assessment.volume] : []));
  if (converted.length === 0) return fromTheSource(requestsFor(observed).once);
  const holders = converted.flatMap(({ attachments }) => attachments.map((attachment) => attachment.server));
  const isHeld = holders.some((holder) => holder !== undefined && holder !== conversionHost?.server);
  if (server !== undefined || isHeld)
    return 'the guest was migrated and a server has its volumes: take its manifest away, or the other disks off the source VM';
  const volumes = disks.flatMap(({ assessment }) => ('volume' in assessment ? [assessment.volume.id] : []));
  return `where no guest ran from them, delete the volumes on the target (${volumes.join(', ')}) to copy and convert all disks again`;
}
