import type { Diagnostic } from '../diag/diagnostic.js';
import type { DesiredMigration } from '../model/desired.js';
import type { ObservedMigration } from '../model/observed.js';
import type { ObservedVolume } from '../model/observed-target.js';
import { own } from '../model/own.js';
import type { Blocker } from './core/blocker.js';
import { blockerDiagnostic, type PlanContext } from './core/plan-context.js';
import { planContextOf } from './core/plan-context-of.js';
import { bootDisk } from './cutover/disk-order.js';
import { isDrift } from './file/resource-drift.js';
import { planMigration } from './plan-migration.js';

/** How one migration differs from what its manifest declares. Pure; whatever has its own diagnostic in plans is told with that one. */
export function driftOf(desired: DesiredMigration, observed: ObservedMigration, now: Date): Diagnostic[] {
  const planned = planMigration(desired, observed, { now }).diagnostics.filter(isDrift);
  if (observed.source.kind !== 'found' || observed.source.vm.disks.length === 0) return planned;
  const context = planContextOf(desired, observed, { vm: observed.source.vm, now });
  return [...planned, ...goneVolumes(context), ...imageMetadataDrift(context)];
}

const drift = (context: PlanContext, address: string, told: Omit<Blocker, 'code'>): Diagnostic => ({
  ...blockerDiagnostic(context.desired, address, { code: 'MP2088', ...told }),
  severity: 'warning',
});

/** Synchronised from here once, and not there any more. */
function goneVolumes(context: PlanContext): Diagnostic[] {
  const { desired, observed } = context;
  return context.disks.flatMap(({ disk: { key } }) => {
    const synced = own(observed.local.lastSync, String(key));
    if (synced === undefined || (own(observed.volumes, String(key)) ?? []).length > 0) return [];
    return [
      drift(context, `${desired.address}/disk/${key}`, {
        detail: `its volume, last synchronised ${synced}, is not there any more`,
        nextSteps: ['the next plan makes a new one and copies the whole disk'],
        differs: { before: { synced }, after: { synced: null } },
      }),
    ];
  });
}

/** What a plan sets again by itself, but for converted volumes, which it leaves alone. The machine type of those has a code of its own. */
function imageMetadataDrift(context: PlanContext): Diagnostic[] {
  const { desired, image } = context;
  const { disk, assessment } = bootDisk(context);
  if (!('volume' in assessment)) return [];
  const isConverted = assessment.kind === 'converted';
  return Object.entries(image)
    .filter(([key, value]) => own(assessment.volume.imageMetadata, key) !== value && !(isConverted && key === 'hw_machine_type'))
    .map(([key, value]) => {
      const { volume } = assessment;
      return drift(context, `${desired.address}/disk/${disk.key}`, {
        detail: propertyText(volume, key, value),
        nextSteps: [
          isConverted ? `openstack volume set --image-property ${key}=${value} ${volume.id}` : 'the next apply sets it',
        ],
        differs: { before: { [key]: value }, after: { [key]: own(volume.imageMetadata, key) ?? null } },
      });
    });
}

function propertyText({ id, imageMetadata }: ObservedVolume, key: string, value: string): string {
  const has = own(imageMetadata, key);
  return `volume ${id} has ${key} ${has === undefined ? 'not set' : `"${has}"`}, declared is "${value}"`;
}
