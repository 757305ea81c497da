import type { Differs } from '../../diag/diagnostic.js';
import { type ChangeId, shortChangeId } from '../../model/change-id.js';
import type { DesiredMigration } from '../../model/desired.js';
import type { SeedTool } from '../../model/foreign-seed.js';
import { GiB } from '../../model/ids.js';
import { luksHeader } from '../../model/luks-header.js';
import type { ObservedMigration } from '../../model/observed.js';
import type { ObservedDisk } from '../../model/observed-source.js';
import type { ObservedVolume } from '../../model/observed-target.js';
import type { FreshRequests } from '../../model/reseed.js';
import { adoptCopy } from './adopt-copy.js';
import { adoptStep } from './adoption.js';
import type { Blocker } from './blocker.js';
import type { Revert } from './reverts.js';

const reseedSteps = ({ once }: FreshRequests, why: string): readonly string[] => [
  `set spec.reseed: ${once} in the manifest to copy the whole disk again (${why})`,
];

/** Where most of what the volume holds may be right. */
const bothSteps = (ways: FreshRequests, why: string): readonly string[] => [
  ...reseedSteps(ways, why),
  `or set spec.reseed: ${ways.compare}: all of disk and volume is read and compared, and only what differs is written`,
];

/** `ways`: a reseed that stands in the manifest was carried out already. */
export const alreadyExists = ({ id, name, reading }: ObservedVolume, ways?: FreshRequests): Blocker => ({
  code: 'MP2001',
  detail: `volume already exists: ${name} (${id})`,
  nextSteps: [
    // The one that another tool stored is not believed.
    reading.kind === 'foreign' ? adoptStep : 'set spec.cbtSync: true to continue from the stored changeID',
    `or delete volume ${id} to seed again`,
    ...(ways === undefined ? [] : [`or write spec.reseed: ${ways.once}: what stands there was carried out`]),
  ],
  field: 'spec.cbtSync',
});

/** Why what a tool noted is no proof of what the volume holds. */
const doubts: Readonly<Record<SeedTool, string>> = {
  'vmware-migration-kit': 'that stores the changeID before the copy is complete, and never a later one',
  migratekit: 'that leaves its change_id as it was when a conversion fails half-way',
};

/** `known`: a reseed that stands in the manifest, and that the record names as begun or carried out. */
export function noRecord({ id, name, reading }: ObservedVolume, ways: FreshRequests, known?: string): Blocker {
  const why =
    reading.kind === 'foreign'
      ? `it was written by ${reading.tool}, and ${doubts[reading.tool]}`
      : reading.kind === 'unreadable'
        ? reading.why
        : 'migplan did not write it';
  return {
    code: reading.kind === 'none' ? 'MP2001' : 'MP2012',
    detail: `volume already exists: ${name} (${id}), and what it holds cannot be proven: ${why}${
      known === undefined ? '' : ` (spec.reseed: ${known} is not carried out once more for that)`
    }`,
    nextSteps: [
      ...(reading.kind === 'foreign'
        ? [adoptStep, ...reseedSteps(ways, 'its content is replaced')]
        : bothSteps(ways, 'its content is replaced')),
      `or delete or rename volume ${id}`,
    ],
  };
}

/** It may say that the volume is converted, or anything that is not known here: nothing is done to it, whatever the manifest asks. */
export const newerRecord = ({ id, name }: ObservedVolume, why: string): Blocker => ({
  code: 'MP2012',
  detail: `volume already exists: ${name} (${id}), and what it holds is not known here: ${why}`,
  nextSteps: ['install the version of migplan here that the volume was last synced with, or a newer one'],
});

/** What another tool knows its volumes by. */
const seedKeys: Readonly<Record<SeedTool, string>> = { 'vmware-migration-kit': 'osm', migratekit: 'migrate_kit' };

const undeclared = (volumes: readonly ObservedVolume[]): string[] =>
  volumes.flatMap(({ id, reading }) =>
    reading.kind === 'foreign' ? [`openstack volume unset --property ${seedKeys[reading.tool]} ${id}`] : [],
  );

export const severalVolumes = (volumes: readonly ObservedVolume[]): Blocker => ({
  code: 'MP2015',
  detail: `${volumes.length} volumes claim to hold this disk: ${volumes.map(({ id }) => id).join(', ')}`,
  nextSteps: [
    volumes.some(({ reading }) => reading.kind === 'foreign')
      ? `delete the wrong ones, or remove what makes them candidates: ${undeclared(volumes).join(' or ')}`
      : 'delete the wrong ones, or remove the key "migplan" from their metadata',
  ],
});

/** Uuids of the disk that was copied, and of the one that is there. */
export const replaced = (
  { id }: ObservedVolume,
  { before, now }: { readonly before: string; readonly now: string },
  ways: FreshRequests,
): Blocker => ({
  code: 'MP2008',
  differs: { before: { disk: before }, after: { disk: now } },
  detail: `the disk in this slot is another one than volume ${id} was synced from`,
  nextSteps: reseedSteps(ways, 'the new disk replaces the old content'),
});

export const resized = ({ before, now }: { before: number; now: number }, ways: FreshRequests): Blocker => ({
  code: 'MP2007',
  differs: { before: { capacity: before }, after: { capacity: now } },
  detail: `the disk had ${before} bytes when it was synced and has ${now} now; tracking across a resize cannot be trusted`,
  nextSteps: bothSteps(ways, 'the volume must be large enough: extend it first'),
});

export const trackingInactive = (since: ChangeId, ways: FreshRequests): Blocker => ({
  code: 'MP2006',
  differs: epochs(since, undefined),
  detail: `the volume was synced at ${shortChangeId(since)}, but tracking is not active for this disk any more`,
  nextSteps: bothSteps(ways, 'a delta would miss writes'),
});

const epochs = (before: ChangeId | undefined, now: ChangeId | undefined): Differs => ({
  before: { tracking_epoch: before?.epoch ?? null },
  after: { tracking_epoch: now?.epoch ?? null },
});

export const noChangeId = (
  { id }: ObservedVolume,
  { cutover, current }: Pick<DesiredMigration, 'cutover'> & { readonly current: ChangeId | undefined },
  ways: FreshRequests,
): Blocker => ({
  code: 'MP2006',
  differs: epochs(undefined, current),
  detail: `volume ${id} was copied without tracking, so there is no changeID to continue from`,
  nextSteps: [
    ...bothSteps(ways, 'tracking is switched on first'),
    ...(cutover ? ['or, if nobody started the VM since: set spec.finalSync: skip, and the volume is converted as it is'] : []),
  ],
});

export const noDelta = ({ id }: ObservedVolume, ways: FreshRequests): Blocker => ({
  code: 'MP2005',
  detail: `volume ${id} holds an earlier copy, and its source does not tell what changed since: there is no delta`,
  nextSteps: [...bothSteps(ways, 'full copy'), `or delete volume ${id}, which makes room for a new one`],
  field: 'spec.phase',
});

export const trackingReset = ({ since, current }: { since: ChangeId; current: ChangeId }, ways: FreshRequests): Blocker => ({
  code: 'MP2006',
  differs: epochs(since, current),
  detail: `the volume was synced in epoch ${since.epoch}, the disk is now in epoch ${current.epoch}; a delta would miss writes`,
  nextSteps: bothSteps(ways, 'full copy'),
});

export const revertBlocker = (
  { kind, why }: Exclude<Revert, { kind: 'no' }>,
  { cutover }: Pick<DesiredMigration, 'cutover'>,
  ways: FreshRequests,
): Blocker => ({
  code: 'MP2028',
  differs: { before: { reverted: false }, after: { reverted: kind === 'yes' ? true : 'maybe' } },
  detail:
    `the VM ${kind === 'yes' ? 'was' : 'may have been'} reverted to a snapshot since its last sync: ${why}. ` +
    'A delta would leave on the volume what was undone',
  nextSteps: [
    ...bothSteps(ways, 'full copy'),
    ...(cutover
      ? ['or, when the volumes hold all that is needed: set spec.finalSync: skip, and they are converted as they are']
      : []),
  ],
});

export const tooSmall = (volume: ObservedVolume, { capacity }: ObservedDisk): Blocker => ({
  code: 'MP2013',
  detail:
    `volume ${volume.id} has ${volume.size} bytes, the disk has ${capacity}` +
    (volume.encrypted ? `, and the header of an encrypted volume takes up to ${luksHeader.most}` : ''),
  nextSteps: [
    `openstack volume set --size ${Math.ceil((capacity + (volume.encrypted ? luksHeader.most : 0)) / GiB)} ${volume.id}`,
  ],
});

export const held = (
  { id }: ObservedVolume,
  holders: ObservedVolume['attachments'],
  { host, local }: { host: ObservedMigration['conversionHost']; local: ObservedMigration['local'] },
): Blocker => ({
  code: 'MP2014',
  detail: `volume ${id} is held by ${holders
    .map(({ id: attachment, server }) => (server === undefined ? `attachment ${attachment}` : `server ${server}`))
    .join(', ')}`,
  nextSteps: [
    'if another migplan works on this VM, wait for it',
    ...holders
      .filter(({ server }) => server !== undefined && server !== host?.server)
      .map(({ server }) => `if server ${server} is not to have it: openstack server remove volume ${server} ${id}`),
    ...adoptCopy(local),
    ...holders
      .filter(({ server }) => server === undefined)
      .map(
        ({ id: attachment }) =>
          `if its host is gone for good: openstack --os-volume-api-version 3.27 volume attachment delete ${attachment}`,
      ),
    ...(host !== undefined && holders.some(({ server }) => server === host.server)
      ? [
          `${host.name} is the conversion host; if nobody works with the volume there: openstack server remove volume ${host.server} ${id}`,
        ]
      : []),
  ],
});
