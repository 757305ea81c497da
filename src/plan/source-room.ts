import type { ObservedMigration, ObservedSourceHost, ObservedVm } from '../model/observed.js';
import type { MigrationPlan } from './plan-migration.js';
import { blocked, exceeded, type PlannedMigration } from './quota.js';
import { type Resources, roomIn } from './resources.js';
import { blockerDiagnostic } from './scene.js';
import type { Blocker } from './verdict.js';

export interface SourcePlanned extends PlannedMigration {
  readonly observed: ObservedMigration;
}

/**
 * Disks that are read by way of volumes made of snapshots need room in the old cloud as long as they are copied, which must be
 * found out before a server is stopped. `transfers`: disks of one VM that are copied at the same time.
 */
export function blockWithoutSourceRoom(planned: readonly SourcePlanned[], transfers: number): MigrationPlan[] {
  return planned.map(({ desired, plan, observed }) => {
    const { source, sourceHost, conversionHost } = observed;
    const copies = plan.actions.some(({ kind }) => kind === 'sync');
    if (sourceHost === undefined || source.kind !== 'found' || !copies) return plan;
    const slots = tooFewSlots(sourceHost, sourceHost.server === conversionHost?.server ? 2 : 1);
    // What a dead run left is counted still, and is removed by this plan before anything is made.
    const isCounted = !plan.actions.some(({ kind }) => kind === 'release-snapshot');
    const room = { transfers, provider: desired.source.provider };
    const quota = isCounted ? tooLittleQuota(source.vm, sourceHost, room) : undefined;
    if (slots !== undefined) return blocked(desired, plan, slots);
    if (quota === undefined) return plan;
    if (quota.certain) return blocked(desired, plan, quota.blocker);
    const warning = { ...blockerDiagnostic(desired, desired.address, quota.blocker), severity: 'warning' as const };
    return { ...plan, diagnostics: [...plan.diagnostics, warning] };
  });
}

/** A disk is read by one volume; where the same server writes the copy, that is one more. */
function tooFewSlots({ server, name, volumesMax, otherVolumes }: ObservedSourceHost, needed: number): Blocker | undefined {
  const free = Math.max(0, volumesMax - otherVolumes);
  if (free >= needed) return undefined;
  return {
    code: 'MP2034',
    detail:
      `a disk that is copied takes ${needed} ${needed === 1 ? 'volume' : 'volumes'} on conversion host ${name} of the old cloud, which takes ${free} more: ` +
      `${otherVolumes} volumes are on it, and maxVolumes is ${volumesMax}`,
    nextSteps: [
      `detach what is not needed: openstack server volume list ${server}`,
      'raise maxVolumes of access in the Project, if the server has the slots (virtio-scsi disks need none)',
    ],
  };
}

interface Room {
  /** false: clouds may be told not to count snapshots, and do not say so. */
  readonly certain: boolean;
  readonly blocker: Blocker;
}

function tooLittleQuota(
  vm: ObservedVm,
  host: ObservedSourceHost,
  { transfers, provider }: { readonly transfers: number; readonly provider: string },
): Room | undefined {
  const room = roomIn(host);
  const volumes = volumesOf(vm);
  const clones = largest(volumes, transfers);
  const needs = needsOf(volumes, transfers);
  const certain = exceeded(needs, needs, room);
  const snapshotsToo = new Map([['GiB of volumes', sum(volumes) + sum(clones)]]);
  const why = certain.length > 0 ? certain : exceeded(snapshotsToo, snapshotsToo, room);
  if (why.length === 0) return undefined;
  return {
    certain: certain.length > 0,
    blocker: {
      code: 'MP2019',
      detail:
        `${provider}: each disk that is copied is read from a volume of its size there, ${clones.length} at a time` +
        `${certain.length > 0 ? '' : `, besides ${volumes.length} snapshots`}: ${why.join('; ')}`,
      nextSteps: [
        'have the quota of the old project raised, or delete there what is not needed',
        ...(clones.length > 1 ? ['or copy fewer disks at a time: limits.transfers in the Project'] : []),
        ...(certain.length > 0 ? [] : ['a cloud with no_snapshot_gb_quota does not count snapshots: then there is room']),
      ],
      field: 'spec.source',
    },
  };
}

interface SourceVolume {
  readonly sizeGiB: number;
  readonly type: string;
}

const GiB = 2 ** 30;

const volumesOf = ({ disks, cloud }: ObservedVm): SourceVolume[] =>
  disks.map(({ key, capacity }) => ({
    sizeGiB: Math.ceil(capacity / GiB),
    type: cloud?.volumes.find(({ disk }) => disk === key)?.type ?? '',
  }));

/** Which disks are copied together is not known before: those that take most may be. */
function needsOf(volumes: readonly SourceVolume[], transfers: number): Resources {
  const clones = largest(volumes, transfers);
  const ofType = [...new Set(volumes.map(({ type }) => type))].flatMap((type): [string, number][] => {
    const same = largest(
      volumes.filter((volume) => volume.type === type),
      transfers,
    );
    return [
      [`new volumes of type ${type}`, same.length],
      [`GiB of volumes of type ${type}`, sum(same)],
    ];
  });
  return new Map([['new volumes', clones.length], ['GiB of volumes', sum(clones)], ...ofType]);
}

const largest = (volumes: readonly SourceVolume[], count: number): SourceVolume[] =>
  volumes.toSorted((a, b) => b.sizeGiB - a.sizeGiB).slice(0, count);

const sum = (volumes: readonly SourceVolume[]): number => volumes.reduce((total, { sizeGiB }) => total + sizeGiB, 0);
