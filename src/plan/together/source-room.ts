import { GiB } from '../../model/ids.js';
import type { ObservedConversionHost, ObservedMigration, ObservedSourceRoom } from '../../model/observed.js';
import type { ObservedVm } from '../../model/observed-source.js';
import { needsPrograms } from '../core/action-table.js';
import type { Blocker } from '../core/blocker.js';
import { blockerDiagnostic } from '../core/plan-context.js';
import type { MigrationPlan } from '../plan-migration.js';
import { blocked, exceeded, type PlannedMigration } from './quota.js';
import { plus, type Resources, roomIn } from './resources.js';
import { freedBy, type Reading, readingTakes, snapshotsTakeToo, type Takes } from './source-takes.js';

export interface SourcePlanned extends PlannedMigration {
  readonly observed: ObservedMigration;
}

/**
 * Disks are read from snapshots, or from volumes made of them: both need room in the old cloud as long as they are copied,
 * which must be found out before a server is stopped. `transfers`: disks of one VM that are copied at the same time.
 */
export function blockWithoutSourceRoom(planned: readonly SourcePlanned[], transfers: number): MigrationPlan[] {
  return planned.map(({ desired, plan, observed }) => {
    const { source, sourceRoom, conversionHost } = observed;
    const copies = plan.actions.some((action) => needsPrograms(action, 'transfer'));
    if (sourceRoom === undefined || source.kind !== 'found' || !copies) return plan;
    const slots = tooFewSlots(sourceRoom.host, conversionHost);
    if (slots !== undefined) return blocked(desired, plan, slots);
    const quota = tooLittleQuota(source.vm, { room: sourceRoom, plan, transfers, provider: desired.source.provider });
    if (quota === undefined) return plan;
    if (quota.certain) return blocked(desired, plan, quota.blocker);
    const warning = { ...blockerDiagnostic(desired, desired.address, quota.blocker), severity: 'warning' as const };
    return { ...plan, diagnostics: [...plan.diagnostics, warning] };
  });
}

/** A disk is read by one volume; where the same server writes the copy, that is one more. */
function tooFewSlots(reads: ObservedConversionHost | undefined, writes: ObservedConversionHost | undefined): Blocker | undefined {
  if (reads === undefined) return undefined;
  const { server, name, volumesMax, otherVolumes } = reads;
  const needed = server === writes?.server ? 2 : 1;
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

interface Shortage {
  /** false: clouds may be told not to count the size of snapshots, and do not say so. */
  readonly certain: boolean;
  readonly blocker: Blocker;
}

interface Asked {
  readonly room: ObservedSourceRoom;
  readonly plan: MigrationPlan;
  readonly transfers: number;
  readonly provider: string;
}

function tooLittleQuota(vm: ObservedVm, asked: Asked): Shortage | undefined {
  const { provider, transfers } = asked;
  const reading: Reading = { vm, isByClone: asked.room.host !== undefined, transfers };
  const left = roomAfterCleanup(asked, reading);
  const lacks = (takes: Takes, at = reading): string[] => {
    const needs = takes(at);
    return exceeded(needs, needs, left);
  };
  const certain = [...tooLargeClone(vm, asked.room), ...lacks(readingTakes)];
  const takes = certain.length > 0 ? readingTakes : snapshotsTakeToo;
  const why = certain.length > 0 ? certain : lacks(takes);
  if (why.length === 0) return undefined;
  const oneAtATimeFits =
    reading.isByClone &&
    transfers > 1 &&
    [...tooLargeClone(vm, asked.room), ...lacks(takes, { ...reading, transfers: 1 })].length === 0;
  return {
    certain: certain.length > 0,
    blocker: {
      code: 'MP2019',
      detail: `${provider}: ${wayOfReading(reading, { why, certain: certain.length > 0 })}: ${why.join('; ')}`,
      nextSteps: [
        'have the quota of the old project raised, or delete there what is not needed',
        ...(oneAtATimeFits ? ['or copy fewer disks at a time: limits.transfers in the Project'] : []),
        ...(certain.length > 0 ? [] : ['a cloud with no_snapshot_gb_quota does not count snapshots: then there is room']),
      ],
      field: 'spec.source',
    },
  };
}

/** A volume may be older than the limit; a copy of it is new. */
function tooLargeClone({ disks }: ObservedVm, { quota: { perVolumeGigabytes }, host }: ObservedSourceRoom): string[] {
  const largest = Math.max(0, ...disks.map(({ capacity }) => Math.ceil(capacity / GiB)));
  if (host === undefined || perVolumeGigabytes === undefined || perVolumeGigabytes < 0 || largest <= perVolumeGigabytes)
    return [];
  return [`a volume may have ${perVolumeGigabytes} GiB and ${largest} GiB are needed`];
}

/** What a dead run left is counted still, and is removed by this plan before anything is made. */
function roomAfterCleanup({ room, plan }: Asked, reading: Reading): Resources {
  const left = roomIn(room);
  const snapshots = plan.actions.filter(({ kind }) => kind === 'release-snapshot').length;
  const freed = freedBy(snapshots, reading);
  // Only what is limited: a sum with nothing would look like a limit.
  return plus(left, new Map([...freed].filter(([what]) => left.has(what))));
}

function wayOfReading(
  { vm, isByClone, transfers }: Reading,
  { why, certain }: { readonly why: readonly string[]; readonly certain: boolean },
): string {
  const { length } = vm.disks;
  const snapshots = `${length} ${length === 1 ? 'snapshot' : 'snapshots'}`;
  if (!isByClone) return `disks are read from snapshots of the volumes there, ${snapshots} at a time`;
  const clones = Math.min(length, transfers);
  const isOfSnapshots = !certain || why.some((text) => text.includes('new snapshots'));
  return (
    `each disk that is copied is read from a volume of its size there, ${clones} at a time` +
    `${isOfSnapshots ? `, besides ${snapshots}` : ''}`
  );
}
