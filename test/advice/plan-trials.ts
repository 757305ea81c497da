import type { ObservedMigration } from '../../src/model/observed.js';
import type { ObservedVm } from '../../src/model/observed-source.js';
import * as s from '../plan/plan-fixture.js';
import { type PlanTrial, planTrial } from './plan-trial.js';
import type { Trial } from './tried.js';

const found = (over: Partial<ObservedVm>) => ({ source: { kind: 'found', vm: s.vm(over) } }) as const;
const off = found({ power: 'off' });
const holding = (over: Parameters<typeof s.volume>[0]): Partial<ObservedMigration> => ({ volumes: { '2000': [s.volume(over)] } });
const gone: Partial<ObservedMigration> = { volumes: {} };
const copiedElsewhere = s.inState({ kind: 'clean', at: s.at(5, 'other') });
const merging = s.inState({ kind: 'committing', from: s.at(5) });
const converted = s.inState({ kind: 'converted', from: s.at(5) });
const heldConverted = {
  '2000': [
    s.volume({
      reading: s.reading({ kind: 'converted', from: s.at(5) }),
      attachments: [{ id: s.attachmentId('att-1'), server: s.serverId('by-hand') }],
    }),
  ],
};
const twoDisks = found({ power: 'off', disks: [s.disk(), s.disk({ key: s.diskKey(2001), label: 'Hard disk 2' })] });
const snapshots = [{ ref: s.snapshotRef('snapshot-1'), name: 'before-upgrade', description: '', createdAt: '' }];
const heldBy = (over: object = {}) => holding({ attachments: [{ id: s.attachmentId('att-1'), ...over }] });
const { changeId: _, ...untracked } = s.disk();
const neverTracked = found({ power: 'off', cbt: { supported: true, enabled: false }, disks: [untracked] });
const withoutBase = s.inState({ kind: 'clean', at: undefined });
const cutover = { phase: 'cutover' };
const cold = { phase: 'cutover', cbtSync: false };
const reseed = { reseed: 'once' };
const reseeded = s.inState({ kind: 'clean', at: s.at(5) }, { reseed: 'once' });
const skip = { finalSync: 'skip' };
const host = (over: object = {}) => ({
  conversionHost: { server: s.serverId('srv-conv'), name: 'conv', volumesMax: 26, otherVolumes: 0, ...over },
});
const own = s.local({ unfinishedRuns: ['runrunrunrun'] });
const unsure = found({ snapshots: [{ ...snapshots[0]!, trackedDisks: [s.diskKey(2000)] }], bootTime: '2026-05-30T00:00:00Z' });
const stoodOn = s.inState(
  { kind: 'clean', at: s.at(5) },
  { origin: { older: s.snapshotRef('snapshot-1'), bootedAt: Date.parse('2026-05-01T00:00:00Z') / 1000 } },
);

const kit = { kind: 'foreign', tool: 'vmware-migration-kit', converted: false } as const;
const takeOver =
  'set spec.adopt: true to take it over: all of disk and volume is read and compared, and only what differs is written';

const rows: readonly PlanTrial[] = [
  { advice: takeOver, seen: holding({ reading: kit }), write: { adopt: true }, leads: /^sync live #1: compare adopt$/ },
  {
    advice: takeOver,
    spec: cold,
    seen: { ...holding({ reading: kit }), ...off },
    write: { adopt: true },
    leads: /^sync cold #1: compare adopt; convert$/,
  },
  {
    advice: 'set spec.reseed: <…> in the manifest to copy the whole disk again (<…>)',
    seen: holding({ reading: kit }),
    write: reseed,
    leads: /full reseed/,
  },
  {
    advice: 'take spec.adopt out of the manifest: the volume counts as converted then',
    spec: { ...cutover, adopt: true },
    seen: { ...holding({ reading: { ...kit, converted: true } }), ...off },
    write: { adopt: undefined },
    leads: /^note Volume already converted/,
  },
  {
    advice: 'or, to migrate the VM anew, delete volume <…>, and those of its other disks that the tool made',
    spec: { adopt: true },
    seen: holding({ reading: { ...kit, converted: true } }),
    done: gone,
    leads: /full new-volume/,
  },
  {
    advice: 'rename volume <…> if it is of another VM, and a new one is made: openstack volume set --name OTHER <…>',
    spec: { adopt: true },
    seen: holding({ reading: { ...kit, tool: 'migratekit', notes: { vm: 'vm-99', disk: '2000' } } }),
    done: gone,
    leads: /full new-volume/,
  },
  {
    advice: 'delete the wrong ones, or remove what makes them candidates: <…>',
    spec: { adopt: true },
    seen: { volumes: { '2000': [s.volume({ reading: kit }), s.volume({ id: s.volumeId('vol-2'), reading: kit })] } },
    done: holding({ reading: kit }),
    leads: /compare adopt/,
  },
  {
    advice: 'install the version of migplan here that the volume was last synced with, or a newer one',
    seen: holding({ reading: { kind: 'unreadable', why: 'a newer version of migplan wrote it', isNewer: true } }),
    done: holding({}),
    leads: /: delta since/,
  },
  {
    advice: 'set spec.cbtSync: true to continue from the stored changeID',
    spec: { phase: 'seed', cbtSync: false },
    write: { cbtSync: true },
    leads: /^note Seeded/,
  },
  {
    advice: 'set spec.cbtSync: true to continue from the stored changeID',
    spec: cold,
    write: { cbtSync: true },
    leads: /delta since .*; power-off; sync final #5: delta since live; convert/,
  },
  { advice: 'or delete volume <…> to seed again', spec: cold, done: gone, leads: /full new-volume; convert/ },
  {
    advice: 'set spec.reseed: <…> in the manifest to copy the whole disk again (<…>)',
    seen: copiedElsewhere,
    write: reseed,
    leads: /full reseed/,
  },
  {
    advice: 'set spec.reseed: <…> in the manifest to copy the whole disk again (<…>)',
    seen: holding({ reading: { kind: 'none' } }),
    write: reseed,
    leads: /full reseed/,
  },
  {
    advice: 'set spec.reseed: <…> in the manifest to copy the whole disk again (<…>)',
    seen: { ...neverTracked, ...withoutBase },
    write: reseed,
    leads: /^enable-cbt; sync cold #4: full reseed/,
  },
  {
    advice: 'set spec.reseed: <…> in the manifest to copy the whole disk again (<…>)',
    seen: { ...unsure, ...stoodOn },
    write: reseed,
    leads: /full reseed/,
  },
  {
    advice: 'set spec.reseed: <…> in the manifest to copy the whole disk again (<…>)',
    seen: s.inState({ kind: 'clean', at: s.at(5) }, { capacity: s.CAPACITY - 512 }),
    write: reseed,
    leads: /full reseed/,
  },
  {
    advice: 'set spec.reseed: <…> in the manifest to copy the whole disk again (<…>)',
    seen: s.inState({ kind: 'clean', at: s.at(5) }, { diskUuid: 'ffffffff-1111-2222-3333-444455556666' }),
    write: reseed,
    leads: /full reseed/,
  },
  {
    advice: 'set spec.reseed: <…> in the manifest to copy the whole disk again (<…>)',
    spec: reseed,
    seen: s.inState({ kind: 'clean', at: s.at(5) }, { isReverted: true, reseed: 'once' }),
    write: { reseed: 'once-2' },
    leads: /full reseed/,
  },
  ...[
    holding({ reading: { kind: 'none' } }),
    { ...neverTracked, ...withoutBase },
    { ...unsure, ...stoodOn },
    s.inState({ kind: 'clean', at: s.at(5, 'other') }),
    s.inState({ kind: 'clean', at: s.at(5) }, { capacity: s.CAPACITY - 512 }),
    s.inState({ kind: 'clean', at: s.at(5) }, { isReverted: true, reseed: 'once' }),
  ].map(
    (seen): PlanTrial => ({
      advice: 'or set spec.reseed: <…>: all of disk and volume is read and compared, and only what differs is written',
      seen,
      write: { reseed: 'compare' },
      leads: /compare reseed/,
    }),
  ),
  {
    advice: 'take spec.reseed out of the manifest',
    spec: reseed,
    seen: reseeded,
    write: { reseed: undefined },
    leads: /^sync live #4: delta/,
  },
  {
    advice: 'or, to have all of it copied once more, write a request that is new: spec.reseed: <…>',
    spec: reseed,
    seen: reseeded,
    write: { reseed: 'once-2' },
    leads: /full reseed/,
  },
  {
    advice: 'or write spec.reseed: <…>: what stands there was carried out',
    spec: { ...cold, ...reseed },
    seen: reseeded,
    write: { reseed: 'once-2' },
    leads: /full reseed; convert/,
  },
  {
    advice: 'or delete or rename volume <…>',
    seen: holding({ reading: { kind: 'none' } }),
    done: gone,
    leads: /full new-volume/,
  },
  {
    advice: 'delete it: openstack volume delete <…>',
    seen: { ...holding({}), spareVolumes: { '2000': [s.volume({ id: s.volumeId('vol-2') })] } },
    done: { spareVolumes: {} },
    leads: /delta since/,
  },
  {
    advice: 'delete the wrong ones, or remove the key "migplan" from their metadata',
    seen: { volumes: { '2000': [s.volume(), s.volume({ id: s.volumeId('vol-2') })] } },
    done: holding({}),
    leads: /delta since/,
  },
  {
    advice: 'or, if nobody started the VM since: set spec.finalSync: skip, and the volume is converted as it is',
    spec: cutover,
    seen: { ...neverTracked, ...withoutBase },
    write: skip,
    leads: /convert$/,
  },
  {
    advice: 'or, when the volumes hold all that is needed: set spec.finalSync: skip, and they are converted as they are',
    spec: cutover,
    seen: { ...unsure, ...stoodOn },
    write: skip,
    leads: /power-off; convert$/,
  },
  {
    advice: 'if nobody started it since, set spec.finalSync: skip: the volumes are converted as they are',
    spec: cold,
    seen: { ...neverTracked, ...withoutBase, local: own },
    write: skip,
    leads: /; convert$/,
  },
  {
    advice: 'remove spec.finalSync to take a last delta',
    spec: { ...cutover, ...skip },
    write: { finalSync: undefined },
    leads: /delta since live; convert/,
  },
  {
    advice: 'remove spec.finalSync to sync first',
    spec: { ...cutover, ...skip },
    seen: s.inState({ kind: 'dirty', base: s.at(5) }),
    write: { finalSync: undefined },
    leads: /delta since .*; convert/,
  },
  {
    advice:
      'ask the cloud why: openstack --os-volume-api-version 3.3 volume message list; then delete volume <…> or have its state reset',
    seen: holding({ status: 'error_extending' }),
    done: holding({ status: 'available' }),
    leads: /delta since/,
  },
  {
    advice: 'openstack volume set --size <…> <…>',
    seen: holding({ size: s.CAPACITY / 2 }),
    done: holding({ size: s.CAPACITY }),
    leads: /delta since/,
  },
  {
    advice: 'if its host is gone for good: openstack --os-volume-api-version 3.27 volume attachment delete <…>',
    seen: heldBy(),
    done: holding({}),
    leads: /delta since/,
  },
  {
    advice: '<…> is the conversion host; if nobody works with the volume there: openstack server remove volume <…> <…>',
    seen: { ...heldBy({ server: s.serverId('srv-conv') }), ...host() },
    done: holding({}),
    leads: /delta since/,
  },
  {
    advice: 'this state folder was copied from another place, so it does not prove that its runs are over; if they are: rm <…>',
    seen: { ...heldBy(), local: s.local({ copied: '.migplan/place' }) },
    done: { ...heldBy(), local: s.local({ ownAttachments: [s.attachmentId('att-1')] }) },
    leads: /^release-attachment att-1; .*delta since/,
  },
  {
    advice: 'set spec.phase: cutover, which then has nothing to do',
    seen: { ...converted, ...off },
    write: cutover,
    leads: /^note Volume already converted$/,
  },
  {
    advice: 'where no guest ran from them, delete the volumes on the target (<…>) to copy and convert all disks again',
    spec: cutover,
    seen: { ...twoDisks, volumes: { ...converted.volumes, '2001': [] } },
    done: { volumes: { '2000': [], '2001': [] } },
    leads: /full new-volume/,
  },
  {
    advice: 'the guest was migrated and a server has its volumes: take its manifest away, or the other disks off the source VM',
    spec: cutover,
    seen: { ...twoDisks, volumes: { ...heldConverted, '2001': [] } },
    done: { ...off, volumes: heldConverted },
    leads: /^note Volume already converted$/,
  },
  { advice: 'or delete the volumes to begin again', seen: converted, done: gone, leads: /full new-volume/ },
  {
    advice: 'apply on the machine (and with the .migplan folder) that ran the cutover',
    spec: cutover,
    seen: { ...merging, ...off },
    done: { local: s.local({ overlayRuns: ['runrunrunrun'] }) },
    leads: /^commit-conversion/,
  },
  {
    advice: 'or set spec.reseed: <…> to copy all disks again from the source, which is off and unchanged',
    spec: cutover,
    seen: { ...merging, ...off },
    write: reseed,
    leads: /full reseed; convert/,
  },
  {
    advice: 'migrate it cold: phase: cutover, cbtSync: false',
    seen: { ...gone, ...found({ cbt: { supported: false, enabled: false }, disks: [untracked] }) },
    write: cold,
    leads: /power-off; sync cold #1: full new-volume; convert/,
  },
  {
    advice: 'or migrate it cold: phase: cutover, cbtSync: false',
    seen: { ...gone, ...found({ snapshots: [{ ...snapshots[0]!, trackedDisks: [] }] }) },
    write: cold,
    leads: /power-off; sync cold #1: full new-volume; convert/,
  },
  {
    advice:
      'switch changed block tracking off (ctkEnabled = FALSE in the VM’s configuration parameters) and delete its snapshots in vCenter, then plan again: migplan switches it on',
    seen: { ...gone, ...found({ snapshots: [{ ...snapshots[0]!, trackedDisks: [] }] }) },
    done: found({ cbt: { supported: true, enabled: false }, disks: [untracked] }),
    leads: /^enable-cbt; .*full new-volume/,
  },
  {
    advice: 'delete or consolidate the snapshots in vCenter, then plan again',
    seen: { ...gone, ...found({ cbt: { supported: true, enabled: false }, snapshots }) },
    done: found({ cbt: { supported: true, enabled: false } }),
    leads: /^enable-cbt; .*full new-volume/,
  },
  {
    advice: 'power the VM off, set the disk mode to dependent in vCenter, power it on, and plan again',
    seen: { ...gone, ...found({ disks: [s.disk({ inSnapshots: false })] }) },
    done: found({}),
    leads: /full new-volume/,
  },
  {
    advice: 'set spec.guestFamily: linux, or windows, when it is one: no other guest can be converted',
    spec: cutover,
    seen: found({ guest: { id: 'other', fullName: 'Other', family: 'other' } }),
    write: { guestFamily: 'linux' },
    leads: /convert$/,
  },
  {
    advice: 'set spec.bootDisk: <…>',
    spec: { bootDisk: 'scsi0:7' },
    write: { bootDisk: 'scsi0:0' },
    leads: /delta since/,
  },
  {
    advice: 'write spec.limits.downtime: null to cut over without that limit',
    spec: { ...cold, limits: { downtime: '10m' } },
    seen: gone,
    write: { limits: { downtime: null } },
    leads: /power-off; sync cold #1: full new-volume; convert/,
  },
  {
    advice: 'or take a source and phase that leave a delta only: spec.cbtSync: true',
    spec: { ...cold, limits: { downtime: '10m' } },
    seen: gone,
    write: { cbtSync: true },
    leads: /power-off; sync final #3: delta since live; convert/,
  },
];

export const planTrials: readonly Trial[] = rows.map(planTrial);
