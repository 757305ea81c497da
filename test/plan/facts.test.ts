import { describe, expect, test } from 'vitest';
import type { DesiredMigration } from '../../src/model/desired.js';
import { serverId } from '../../src/model/ids.js';
import type { ObservedMigration } from '../../src/model/observed.js';
import type { ObservedVm } from '../../src/model/observed-source.js';
import type { ObservedVolume } from '../../src/model/observed-target.js';
import { changedFacts, factsOf } from '../../src/plan/file/facts.js';
import * as s from './plan-fixture.js';

const source = (over: Partial<ObservedVm>): Partial<ObservedMigration> => ({ source: { kind: 'found', vm: s.vm(over) } });
const volume = (over: Partial<ObservedVolume>): Partial<ObservedMigration> => ({ volumes: { '2000': [s.volume(over)] } });
const attached = (server?: string) => [
  { id: s.attachmentId('att-1'), ...(server === undefined ? {} : { server: serverId(server) }) },
];
const foreign = (converted: boolean) => volume({ reading: { kind: 'foreign', tool: 'vmware-migration-kit', converted } });

interface Row {
  readonly name: string;
  readonly desired?: Partial<DesiredMigration>;
  readonly before?: Partial<ObservedMigration>;
  readonly now: Partial<ObservedMigration>;
  readonly changed: readonly string[];
}

const rows: readonly Row[] = [
  { name: 'nothing', now: {}, changed: [] },
  { name: 'another VM answers', now: source({ instanceUuid: 'other' }), changed: ['vm.instanceUuid'] },
  { name: 'firmware', now: source({ firmware: 'efi' }), changed: ['vm.firmware'] },
  { name: 'Secure Boot', now: source({ secureBoot: true }), changed: ['vm.firmware'] },
  { name: 'tracking was switched off', now: source({ cbt: { supported: true, enabled: false } }), changed: ['vm.cbt'] },
  { name: 'it cannot be touched now', now: source({ obstacles: ['it waits for an answer'] }), changed: ['vm.obstacles'] },
  { name: 'another boot disk', now: source({ bootDisk: s.diskKey(2001) }), changed: ['vm.bootDisk'] },
  {
    name: 'another operating system',
    now: source({ guest: { id: 'w', fullName: 'w', family: 'windows' } }),
    changed: ['vm.guest'],
  },
  { name: 'capacity', now: source({ disks: [s.disk({ capacity: 1 })] }), changed: ['disk/2000.capacity'] },
  { name: 'another disk in the slot', now: source({ disks: [s.disk({ uuid: 'u' })] }), changed: ['disk/2000.uuid'] },
  { name: 'the epoch', now: source({ disks: [s.disk({ changeId: s.at(9, 'other') })] }), changed: ['disk/2000.epoch'] },
  { name: 'the disk became independent', now: source({ disks: [s.disk({ inSnapshots: false })] }), changed: ['disk/2000.mode'] },
  {
    name: 'the volume is gone',
    now: { volumes: { '2000': [] } },
    changed: ['disk/2000.hw_machine_type', 'disk/2000.os_type', 'disk/2000.record', 'disk/2000.size', 'disk/2000.volume'],
  },
  { name: 'another volume', now: volume({ id: s.volumeId('vol-2') }), changed: ['disk/2000.volume'] },
  { name: 'its size', now: volume({ size: 2 ** 40 }), changed: ['disk/2000.size'] },
  { name: 'someone synced it', now: s.inState({ kind: 'clean', at: s.at(6) }), changed: ['disk/2000.record'] },
  { name: 'someone converted it', now: s.inState({ kind: 'converted', from: s.at(5) }), changed: ['disk/2000.record'] },
  { name: 'another tool converted its volume', before: foreign(false), now: foreign(true), changed: ['disk/2000.record'] },
  {
    name: 'an owned image key',
    now: volume({ imageMetadata: { hw_machine_type: 'q35', os_type: 'linux' } }),
    changed: ['disk/2000.hw_machine_type'],
  },
  { name: 'a server holds it', now: volume({ attachments: attached('srv') }), changed: ['disk/2000.heldBy'] },
  { name: 'an error state', now: volume({ status: 'error_extending' }), changed: ['disk/2000.status'] },
  { name: 'a server appeared', now: { server: { id: serverId('srv'), name: 'x', status: 'ACTIVE' } }, changed: ['server'] },
  { name: 'power, at cutover', desired: s.cutover, now: source({ power: 'off' }), changed: ['vm.power'] },
  {
    name: 'a NIC, when a server is made',
    desired: { ...s.cutover, ...s.withServer },
    now: source({ nics: [] }),
    changed: ['vm.macs'],
  },
  { name: 'the VM is gone', now: { source: { kind: 'not-found', nearest: [], check: '' } }, changed: ['source', 'vm.guest'] },

  { name: 'not power, while syncing', now: source({ power: 'off' }), changed: [] },
  { name: 'not the number of a change id', now: source({ disks: [s.disk({ changeId: s.at(999) })] }), changed: [] },
  { name: 'not tools, boot time, notes', now: source({ toolsRunning: false, bootTime: '2026-01-01T00:00:00Z' }), changed: [] },
  {
    name: 'not keys of others',
    now: volume({ imageMetadata: { hw_machine_type: 'pc', os_type: 'linux', hw_vif_model: 'e1000' } }),
    changed: [],
  },
  {
    name: 'not a hold that a dead run of ours left',
    now: { ...volume({ attachments: attached() }), local: s.local({ ownAttachments: [s.attachmentId('att-1')] }) },
    changed: [],
  },
  { name: 'not quota', now: { catalog: { ...s.catalog, quota: { volumesLeft: 0 } } }, changed: [] },
];

describe('facts', () => {
  test.each(rows)('$name', ({ desired = {}, before = {}, now, changed }) => {
    const facts = (observed: Partial<ObservedMigration>) => factsOf(s.desired(desired), s.observed(observed));
    const names = changedFacts(facts(before), facts(now)).map(({ name }) => name);
    if (changed[0] === 'source') expect(names).toEqual(expect.arrayContaining([...changed]));
    else expect(names).toEqual(changed);
  });
});
