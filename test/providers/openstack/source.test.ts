import { stat } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { SourceProvider } from '../../../src/contracts/source-provider.js';
import { withRecordedMachineTypes } from '../../../src/engine/recorded-machine-types.js';
import { diskKey, snapshotRef, vmRef } from '../../../src/model/ids.js';
import type { ObservedVm } from '../../../src/model/observed-source.js';
import { OldCloud, RHEL_METADATA } from './old-cloud.js';
import { refusalOf } from './refusal-of.js';

const observeOne = async (source: SourceProvider, server: string): Promise<ObservedVm> => {
  const [lookup] = await source.observe([{ kind: 'server', server }]);
  return lookup?.kind === 'found' ? lookup.vm : expect.unreachable(`${server}: ${JSON.stringify(lookup)}`);
};

describe('observing servers', () => {
  test('a server with its volumes in device order, its NIC, flavor and key', async () => {
    await using old = await OldCloud.start();
    const { id, volumes } = await old.plant({ mac: 'fa:16:3e:00:00:01', fixedIp: '192.168.88.20', keyName: 'key' });
    await using source = await old.open();
    const vm = await observeOne(source, 'legacy-app');
    expect(vm).toMatchObject({
      ref: id,
      instanceUuid: id,
      name: 'legacy-app',
      power: 'on',
      obstacles: [],
      firmware: 'bios',
      secureBoot: false,
      cbt: { supported: false, enabled: false },
      nics: [{ key: 0, mac: 'fa:16:3e:00:00:01', network: 'lan', addresses: ['192.168.88.20'] }],
      openstackGuest: { flavor: 'm1.small', keyName: 'key', securityGroups: ['default'], imageMetadata: RHEL_METADATA },
    });
    expect(vm.disks.map(({ key, uuid, capacity }) => [key, uuid, capacity / 2 ** 30])).toEqual([
      [0, volumes[0]!.id, 1],
      [1, volumes[1]!.id, 2],
    ]);
    expect([vm.bootDisk, vm.bootDiskFrom]).toEqual([0, 'boot-volume']);
    expect(vm.openstackGuest?.volumes.map(({ device }) => device)).toEqual(['/dev/vda', '/dev/vdb']);
  });

  test('of a server none of whose volumes is bootable nothing is said to be its boot volume', async () => {
    await using old = await OldCloud.start();
    const { volumes } = await old.plant();
    old.cloud.sim.control.changeVolume(volumes[0]!.id, { bootable: false });
    await using source = await old.open();
    const vm = await observeOne(source, 'legacy-app');
    expect(vm.disks).toHaveLength(2);
    expect([vm.bootDisk, vm.bootDiskFrom]).toEqual([undefined, undefined]);
  });

  test('by name or id; near names, and ids of those that share a name', async () => {
    await using old = await OldCloud.start();
    const first = await old.plant();
    const second = await old.plant();
    await old.plant({ name: 'legacy-db' });
    await using source = await old.open();
    const selectors = ['legacy-app', first.id, 'legacy-dd', 'something-else'].map(
      (server) => ({ kind: 'server', server }) as const,
    );
    const [shared, byId, near, far] = await source.observe(selectors);
    expect(shared).toEqual({ kind: 'ambiguous', candidates: [first.id, second.id].sort() });
    expect(byId).toMatchObject({ kind: 'found', vm: { ref: first.id } });
    expect(near).toMatchObject({ kind: 'not-found', nearest: ['legacy-db', 'legacy-app', 'legacy-app'] });
    const none = { kind: 'not-found', nearest: [], check: expect.stringContaining('project') };
    expect(far).toEqual(none);
    expect(await source.observe([{ kind: 'moref', moref: first.id }])).toEqual([none]);
  });

  test('a name typed NFC and stored NFD is found; several that look the same are told by id', async () => {
    await using old = await OldCloud.start();
    const name = 'b\u00fcro';
    const first = await old.plant({ name: name.normalize('NFD') });
    await using source = await old.open();
    const selectors = [{ kind: 'server', server: name.normalize('NFC') } as const];
    expect(await source.observe(selectors)).toMatchObject([{ kind: 'found', vm: { ref: first.id } }]);
    const second = await old.plant({ name: 'na\u0307\u0323' });
    const third = await old.plant({ name: 'na\u0323\u0307' });
    const found = await source.observe([{ kind: 'server', server: 'n\u1ea1\u0307' }]);
    expect(found).toEqual([{ kind: 'ambiguous', candidates: [second.id, third.id].sort() }]);
  });

  test('the number of calls does not grow with the number of servers', async () => {
    await using old = await OldCloud.start();
    const names = ['a', 'b', 'c', 'd'];
    for (const name of names) await old.plant({ name, volumes: [{ sizeGiB: 1 }] });
    await using source = await old.open();
    const callsFor = async (servers: readonly string[]): Promise<number> => {
      old.cloud.sim.control.clearCalls();
      await source.observe(servers.map((server) => ({ kind: 'server', server })));
      return old.cloud.sim.control.calls().length;
    };
    await callsFor(names);
    expect(await callsFor(names)).toBe(await callsFor(['a']));
  });

  test('a running server that is being stopped is on until vm_state says stopped', async () => {
    await using old = await OldCloud.start();
    const { id } = await old.plant();
    await using source = await old.open();
    await source.shutdownGuest(vmRef(id));
    expect(await source.powerState(vmRef(id))).toBe('on');
    await source.powerOff(vmRef(id));
    expect(await observeOne(source, id)).toMatchObject({ power: 'off', obstacles: [] });
    expect(old.cloud.count('POST', /\/action$/)).toBe(1);
  });

  test.each([
    [{ volumes: [{ sizeGiB: 1, volumeType: 'luks' }] }, 'the volume is encrypted, and its key stays with Nova'],
    [{ volumes: [{ sizeGiB: 1 }] }, undefined],
  ] as const)('a volume that cannot be read says so (%#)', async (over, why) => {
    await using old = await OldCloud.start();
    const { id } = await old.plant(over);
    await using source = await old.open();
    expect((await observeOne(source, id)).disks[0]?.unsupported).toBe(why);
  });
});

describe('HW2 the machine type of a server in an older cloud', () => {
  const images = [
    {
      name: 'q35-image',
      id: 'im-q35',
      properties: { hw_machine_type: 'q35', hw_firmware_type: 'uefi', os_secure_boot: 'required' },
    },
  ];
  const withMetadata = (imageMetadata: Record<string, string>) => ({ volumes: [{ sizeGiB: 1, imageMetadata }] });

  test.each([
    ['the boot volume says it', { hw_machine_type: 'pc-i440fx-rhel7.6.0', image_id: 'im-q35' }, 'pc-i440fx-rhel7.6.0', 'volume'],
    ['the volume says nothing, its image does', { image_id: 'im-q35' }, 'q35', 'image'],
    ['neither says it', { hw_disk_bus: 'virtio' }, undefined, undefined],
    ['the image is gone', { image_id: 'deleted' }, undefined, undefined],
  ])('%s', async (_, metadata, value, from) => {
    await using old = await OldCloud.start({ images });
    const { id } = await old.plant(withMetadata(metadata));
    await using source = await old.open();
    const vm = await observeOne(source, id);
    expect(vm.openstackGuest?.machineType).toEqual(value === undefined ? undefined : { value, from });
  });

  test('firmware and secure boot come along the same way', async () => {
    await using old = await OldCloud.start({ images });
    const { id } = await old.plant(withMetadata({ image_id: 'im-q35' }));
    await using source = await old.open();
    expect(await observeOne(source, id)).toMatchObject({ firmware: 'efi', secureBoot: true });
  });
});

describe('HW2 a machine type that Nova alone knows', () => {
  const bare = { volumes: [{ sizeGiB: 1 }, { sizeGiB: 1 }] };
  const namesOf = (entries: readonly { readonly name: string | null }[]) => entries.map(({ name }) => name);
  const left = async (old: OldCloud) => ({
    images: namesOf((await (await old.client()).call('image', 'GET', '/v2/images')).body.images),
    snapshots: [...new Set(namesOf(old.cloud.sim.control.snapshots()))],
  });
  const nothing = { images: [], snapshots: [] };

  test('is read from an image of the server, which is taken away with its snapshots', async () => {
    await using old = await OldCloud.start();
    const { id } = await old.plant(bare);
    await using source = await old.open();
    expect((await observeOne(source, id)).openstackGuest?.machineType).toBeUndefined();
    expect(await source.recordedMachineType?.(vmRef(id))).toBe('pc');
    expect(old.cloud.count('POST', /\/action$/)).toBe(1);
    expect(await left(old)).toEqual(nothing);
    expect((await observeOne(source, id)).power).toBe('on');
  });

  test('a lost answer makes no second image', async () => {
    await using old = await OldCloud.start();
    const { id } = await old.plant(bare);
    await using source = await old.open();
    old.cloud.sim.control.addFault({ method: 'POST', path: '/action$', nth: 1, when: 'after', do: { drop: true } });
    expect(await source.recordedMachineType?.(vmRef(id))).toBe('pc');
    expect(old.cloud.count('POST', /\/action$/)).toBe(1);
    expect(await left(old)).toEqual(nothing);
  });

  test('an interruption ends the wait for the image, which is taken away before it is heard of', async () => {
    await using old = await OldCloud.start();
    const { id } = await old.plant(bare);
    await using source = await old.open();
    const abort = new AbortController();
    const { clock } = old.cloud;
    const sleep = clock.sleep.bind(clock);
    clock.sleep = async (ms: number, signal?: AbortSignal) => {
      if (old.cloud.count('POST', /\/action$/) > 0) abort.abort();
      await sleep(ms, signal);
    };
    const vm = await observeOne(source, id);
    old.cloud.sim.control.addFault({
      service: 'image',
      method: 'GET',
      path: '/images/[^/?]+$',
      do: { status: 503, message: 'busy' },
    });
    const asked = { source, signal: abort.signal, onAsk: () => undefined };
    await expect(withRecordedMachineTypes([vm], asked)).rejects.toMatchObject({ name: 'AbortError' });
    expect(old.cloud.count('POST', /\/action$/)).toBe(1);
    expect(await left(old)).toEqual(nothing);
  });

  test('what a killed run left is found by its name, what others made is left alone', async () => {
    await using old = await OldCloud.start();
    const { id } = await old.plant(bare);
    const client = await old.client();
    for (const name of [`migplan machine type of ${id}`, 'nightly']) {
      await client.call('compute', 'POST', `/servers/${id}/action`, { body: { createImage: { name } } });
    }
    await using source = await old.open();
    expect(await source.recordedMachineType?.(vmRef(id))).toBe('pc');
    expect(await left(old)).toEqual({ images: ['nightly'], snapshots: ['snapshot for nightly'] });
  });
});

test('what owners noted on a volume comes along, as far as every cloud takes it', async () => {
  await using old = await OldCloud.start();
  const metadata = { team: 'erp', 'cost:center': '47-11', readonly: 'False', motto: 'größer' };
  const { id } = await old.plant({ volumes: [{ sizeGiB: 1, metadata }] });
  await using source = await old.open();
  expect((await observeOne(source, id)).openstackGuest?.volumes[0]?.metadata).toEqual({ team: 'erp', 'cost:center': '47-11' });
});

describe('snapshots', () => {
  const request = { name: 'migplan-run1-legacy-app-a1', description: '{"tool":"migplan"}' };

  test('each volume is frozen as it is, and read where Cinder put it', async () => {
    await using old = await OldCloud.start();
    const { id } = await old.plant();
    await using source = await old.open();
    const snapshot = await source.createSnapshot(vmRef(id), request);
    const made = old.cloud.sim.control.snapshots();
    expect(made.map(({ name, description, status }) => ({ name, description, status }))).toEqual([
      { ...request, status: 'available' },
      { ...request, status: 'available' },
    ]);
    const reader = await source.reader(snapshot, diskKey(1));
    expect(reader).toMatchObject({ block: { driver: 'file', path: made[1]!.file } });
    expect((await stat(made[1]!.file)).size).toBe(2 ** 31);
    await expect(source.reader(snapshot, diskKey(7))).rejects.toMatchObject({ kind: 'not-found' });
  });

  test('a lost answer makes no second snapshot', async () => {
    await using old = await OldCloud.start();
    const { id } = await old.plant();
    await using source = await old.open();
    old.cloud.sim.control.addFault({ method: 'POST', path: '/snapshots$', nth: 1, when: 'after', do: { drop: true } });
    await source.createSnapshot(vmRef(id), request);
    expect(old.cloud.sim.control.snapshots()).toHaveLength(2);
  });

  test('when one volume cannot be frozen, nothing is left of the others', async () => {
    await using old = await OldCloud.start();
    const { id } = await old.plant();
    await using source = await old.open();
    old.cloud.sim.control.addFault({
      method: 'POST',
      path: '/snapshots$',
      nth: 2,
      do: { status: 413, message: 'SnapshotLimitExceeded' },
    });
    await expect(source.createSnapshot(vmRef(id), request)).rejects.toMatchObject({ kind: 'quota' });
    expect(old.cloud.sim.control.snapshots()).toEqual([]);
  });

  test('removing leaves snapshots of others alone, and waits until Cinder is done', async () => {
    await using old = await OldCloud.start();
    const { id } = await old.plant();
    await using source = await old.open();
    const mine = await source.createSnapshot(vmRef(id), request);
    await source.createSnapshot(vmRef(id), { name: 'backup', description: '' });
    await source.removeSnapshot(vmRef(id), mine.ref);
    expect(old.cloud.sim.control.snapshots().map(({ name }) => name)).toEqual(['backup', 'backup']);
    expect((await observeOne(source, id)).snapshots.map(({ ref }) => ref)).toEqual([snapshotRef('backup')]);
  });

  test('on Ceph the snapshot is read from the image that Nova opened', async () => {
    const { snapshotBlock, snapshotPath } = await import('../../../src/providers/openstack/source/snapshot-block.js');
    const { JsonCursor } = await import('../../../src/providers/openstack/http/json-cursor.js');
    const site = { provider: 'old', call: 'GET /attachments' };
    const info = { driver_volume_type: 'rbd', name: 'vms-old/volume-7b3f', auth_username: 'cinder' };
    const file = snapshotPath(JsonCursor.parse(site, { status: 200, headers: {}, text: JSON.stringify(info) }), '59f2', site);
    expect(file).toBe('rbd:vms-old/volume-7b3f@snapshot-59f2');
    const rbd = { conf: '/etc/ceph/old.conf', user: 'reader' };
    expect(await snapshotBlock(file, { type: 'cinder', rbd }, site)).toEqual({
      driver: 'rbd',
      pool: 'vms-old',
      image: 'volume-7b3f',
      snapshot: 'snapshot-59f2',
      ...rbd,
    });
    await expect(snapshotBlock(file, { type: 'cinder' }, site)).rejects.toThrow(/does not say how to reach it/);
  });

  test('a snapshot that the cloud says is a file of this machine is read below the folders of the Project only', async () => {
    await using old = await OldCloud.start();
    const { id } = await old.plant();
    await using source = await old.open({ type: 'cinder' });
    const made = await source.createSnapshot(vmRef(id), request);
    const { said } = await refusalOf(source.reader(made, made.disks[0]!.key));
    expect(said).toMatch(/^unsupported MP4013 the volume is local to its storage host, as .* names no folder for such volumes/);
  });
});
