import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Planted } from '../../../lab/harness/planted-server.js';
import type { SourceProvider, SourceSnapshot } from '../../../src/contracts/source-provider.js';
import { diskKey, snapshotRef, vmRef } from '../../../src/model/ids.js';
import type { ObservedVm } from '../../../src/model/observed-source.js';
import { HOST, OldCloud } from './old-cloud.js';
import { byte, pathOf } from './read-clone.js';
import { refusalOf } from './refusal-of.js';

const request = { name: 'migplan-run1-legacy-app-c1', description: '{"tool":"migplan"}' };
const REF = snapshotRef(request.name);
const OTHER = '0a1b2c3d-0000-4000-8000-000000000000';

let old: OldCloud;
let planted: Planted;
let source: SourceProvider;
beforeEach(async () => {
  old = await OldCloud.start({ timings: { volumeCreateMs: 3_000, volumeDeleteMs: 2_000 } });
  planted = await old.plant();
  source = await old.openByClone();
});
afterEach(async () => {
  await source[Symbol.asyncDispose]();
  await old[Symbol.asyncDispose]();
});

const control = () => old.cloud.sim.control;
const clones = () =>
  control()
    .volumes()
    .filter(({ name }) => name?.startsWith('migplan-'));
const snapshot = (): Promise<SourceSnapshot> => source.createSnapshot(vmRef(planted.id), request);
const hostVolumes = (): number =>
  (control()
    .servers()
    .find(({ name }) => name === HOST)?.volumeIds.length ?? 0) - 1;

async function observed(provider = source): Promise<ObservedVm> {
  const [lookup] = await provider.observe([{ kind: 'server', server: planted.id }]);
  return lookup?.kind === 'found' ? lookup.vm : expect.unreachable(JSON.stringify(lookup));
}

/** No clone, nothing on the conversion host, no snapshot; the server's own volumes are as they were. */
function expectNothingLeft(): void {
  expect(clones()).toEqual([]);
  expect(hostVolumes()).toBe(0);
  expect(control().snapshots()).toEqual([]);
  const own = control()
    .volumes()
    .filter(({ id }) => planted.volumes.some((volume) => volume.id === id));
  expect(own.map(({ status, attachmentIds }) => [status, attachmentIds.length])).toEqual([
    ['in-use', 1],
    ['in-use', 1],
  ]);
}

describe('a disk is read from a clone of its snapshot', () => {
  test('with the bytes of the snapshot, on the conversion host, until it is released', async () => {
    await byte(planted.volumes[1]!.file, 'a');
    const frozen = await snapshot();
    await byte(planted.volumes[1]!.file, 'b');
    const reader = await source.reader(frozen, diskKey(1));
    expect(await byte(pathOf(reader))).toBe('a');
    expect(clones()).toMatchObject([{ status: 'in-use', sizeGiB: 2, volumeType: 'local' }]);
    expect(clones()[0]?.name).toBe(`${request.name}-${planted.volumes[1]!.id}`);
    expect(hostVolumes()).toBe(1);
    await reader.release!();
    expect(clones()).toEqual([]);
    expect(control().snapshots()).toHaveLength(2);
    await source.removeSnapshot(vmRef(planted.id), frozen.ref);
    expectNothingLeft();
  });

  test('one for each disk, made when its turn comes', async () => {
    const frozen = await snapshot();
    expect(clones()).toEqual([]);
    const [first, second] = await Promise.all([source.reader(frozen, diskKey(0)), source.reader(frozen, diskKey(1))]);
    expect(new Set([pathOf(first), pathOf(second)]).size).toBe(2);
    await Promise.all([first.release!(), second.release!()]);
    await source.removeSnapshot(vmRef(planted.id), frozen.ref);
    expectNothingLeft();
  });

  test('asked for twice it is the same one, also by another process', async () => {
    const frozen = await snapshot();
    const first = await source.reader(frozen, diskKey(0));
    await source[Symbol.asyncDispose]();
    source = await old.openByClone();
    expect(pathOf(await source.reader(frozen, diskKey(0)))).toBe(pathOf(first));
    expect(clones()).toHaveLength(1);
  });

  test('a lost answer makes no second one', async () => {
    const frozen = await snapshot();
    control().addFault({ method: 'POST', path: '/volumes$', nth: 1, when: 'after', do: { drop: true } });
    await source.reader(frozen, diskKey(0));
    expect(clones()).toHaveLength(1);
  });

  test.each([
    ['luks', 'the volume is encrypted: the disk in it is smaller, and Cinder does not tell by how much'],
    [
      'shared',
      'the volume is of a multiattach type: a copy of it, made to be read, could be attached and changed by others meanwhile',
    ],
  ])('one of type %s says why it cannot be', async (volumeType, why) => {
    planted = await old.plant({ name: 'odd', volumes: [{ sizeGiB: 1, volumeType }] });
    expect((await observed()).disks[0]?.unsupported).toBe(why);
  });
});

describe('what goes wrong', () => {
  test('no quota: what takes it, and what to do; nothing is left', async () => {
    const frozen = await snapshot();
    const used = control().volumes().length;
    control().setQuota('demo', { volumes: used });
    const { said, error } = await refusalOf(source.reader(frozen, diskKey(1)));
    expect(said).toContain('quota MP4004 HTTP 413: VolumeLimitExceeded');
    expect(error.details.nextSteps?.join(' ')).toMatch(/one more volume of its size \(2 GiB here\).*limits\.transfers: 1/);
    await source.removeSnapshot(vmRef(planted.id), frozen.ref);
    expectNothingLeft();
  });

  test('a clone that goes to error: Cinder’s reason; the next removal takes it away', async () => {
    const frozen = await snapshot();
    control().setBackend({ capacityGiB: 1 });
    const { said } = await refusalOf(source.reader(frozen, diskKey(0)));
    expect(said).toMatch(/^failed MP4008 volume \S+, made of a snapshot to be read, went to error: schedule allocate volume/);
    expect(clones()).toMatchObject([{ status: 'error' }]);
    await source.removeSnapshot(vmRef(planted.id), frozen.ref);
    expectNothingLeft();
  });

  test('no device: it is given back and deleted, and the error is the host’s', async () => {
    const frozen = await snapshot();
    control().setHypervisor({ hostShowsDevices: false });
    expect((await refusalOf(source.reader(frozen, diskKey(0)))).said).toContain('MP4011');
    expect([clones(), hostVolumes()]).toEqual([[], 0]);
  });

  test('an abort ends the wait for a clone that is being made', async () => {
    const frozen = await snapshot();
    const abort = new AbortController();
    control().addFault({ method: 'GET', path: '/volumes/[^/]+$', do: { status: 503 } });
    const reading = source.reader(frozen, diskKey(0), abort.signal);
    abort.abort();
    await expect(reading).rejects.toThrow();
    control().clearFaults();
    await source.removeSnapshot(vmRef(planted.id), frozen.ref);
    expectNothingLeft();
  });

  test('a guest that does not let go: MP4012, the place is free for others, and a later removal ends it', async () => {
    const frozen = await snapshot();
    const reader = await source.reader(frozen, diskKey(0));
    control().setHypervisor({ guestsAnswerDetach: false });
    expect((await refusalOf(reader.release!())).said).toContain('MP4012');
    control().setHypervisor({ guestsAnswerDetach: true });
    await source.removeSnapshot(vmRef(planted.id), frozen.ref);
    expectNothingLeft();
  });

  test('a clone that Cinder cannot delete says so, and its snapshot stays', async () => {
    await expect(source.reader(await snapshot(), diskKey(0), AbortSignal.abort())).rejects.toThrow('aborted');
    control().changeVolume(clones()[0]!.id, { status: 'error_deleting' });
    const { said, error } = await refusalOf(source.removeSnapshot(vmRef(planted.id), REF));
    expect(said).toMatch(/^conflict MP4002 volume \S+, made of a snapshot to be read, went to error_deleting/);
    expect(error.details.nextSteps?.[0]).toContain(`openstack volume delete --force ${clones()[0]!.id}`);
    expect(control().snapshots()).toHaveLength(2);
  });

  test('a clone that Cinder refuses to delete does not make it wait for a day', async () => {
    await expect(source.reader(await snapshot(), diskKey(0), AbortSignal.abort())).rejects.toThrow('aborted');
    control().addFault({ method: 'DELETE', path: '/volumes/', do: { status: 400, message: 'Invalid volume: has snapshots' } });
    const began = old.cloud.clock.now().getTime();
    expect((await refusalOf(source.removeSnapshot(vmRef(planted.id), REF))).said).toContain('has snapshots');
    expect(old.cloud.clock.now().getTime() - began).toBeLessThan(10 * 60_000);
  });
});

describe('what a dead run left is found by the snapshot’s name', () => {
  const elsewhere = async (): Promise<SourceProvider> => {
    await source[Symbol.asyncDispose]();
    source = await old.openByClone();
    return source;
  };

  test('a clone in use on the conversion host', async () => {
    await source.reader(await snapshot(), diskKey(0));
    await (await elsewhere()).removeSnapshot(vmRef(planted.id), REF);
    expectNothingLeft();
  });

  test('a clone that is still being made', async () => {
    await expect(source.reader(await snapshot(), diskKey(0), AbortSignal.abort())).rejects.toThrow('aborted');
    expect(clones()).toMatchObject([{ status: 'creating' }]);
    await (await elsewhere()).removeSnapshot(vmRef(planted.id), REF);
    expectNothingLeft();
  });

  test('a clone that is being deleted is not read, and is waited for', async () => {
    const frozen = await snapshot();
    await expect(source.reader(frozen, diskKey(0), AbortSignal.abort())).rejects.toThrow('aborted');
    const [going] = clones();
    control().changeVolume(going!.id, { status: 'deleting' });
    const reader = await source.reader(frozen, diskKey(0));
    expect(pathOf(reader)).not.toContain(going!.id);
    await reader.release!();
    const { sleeps } = old.cloud.clock;
    const slept = sleeps.length;
    const removing = source.removeSnapshot(vmRef(planted.id), REF);
    await expect.poll(() => sleeps.length).toBeGreaterThan(slept + 1);
    expect(control().snapshots()).toHaveLength(2);
    control().removeVolume(going!.id);
    await removing;
    expectNothingLeft();
  });

  test('a clone whose snapshot somebody deleted is a snapshot of the server still', async () => {
    const metadata = { migplan_clone_of_snapshot: REF, migplan_clone_of_volume: planted.volumes[0]!.id };
    control().createVolume({ project: 'demo', sizeGiB: 1, name: `${REF}-${planted.volumes[0]!.id}`, metadata });
    expect((await observed()).snapshots.map(({ ref, name }) => [ref, name])).toEqual([[REF, REF]]);
    await source.removeSnapshot(vmRef(planted.id), REF);
    expectNothingLeft();
  });

  test('with access of type cinder too, as far as nothing has it attached', async () => {
    await expect(source.reader(await snapshot(), diskKey(0), AbortSignal.abort())).rejects.toThrow('aborted');
    await using inPlace = await old.open();
    await inPlace.removeSnapshot(vmRef(planted.id), REF);
    expectNothingLeft();
  });

  test('what only looks like a clone is left alone', async () => {
    const metadata = { migplan_clone_of_snapshot: REF, migplan_clone_of_volume: planted.volumes[0]!.id };
    const named = { project: 'demo', sizeGiB: 1, name: `${REF}-${planted.volumes[0]!.id}` };
    const others = [
      control().createVolume(named),
      control().createVolume({ ...named, name: 'mine now', metadata }),
      control().createVolume({ ...named, metadata: { ...metadata, migplan_clone_of_volume: OTHER } }),
      control().createVolume({
        ...named,
        name: `${REF}2-${OTHER}`,
        metadata: { migplan_clone_of_snapshot: `${REF}2`, migplan_clone_of_volume: OTHER },
      }),
    ];
    await snapshot();
    await source.removeSnapshot(vmRef(planted.id), REF);
    const left = control()
      .volumes()
      .map(({ id }) => id);
    for (const { id } of others) expect(left).toContain(id);
  });
});

describe('the conversion host of the old cloud', () => {
  test('room on it and in the project; clones come and go, other volumes stay', async () => {
    const frozen = await snapshot();
    await source.reader(frozen, diskKey(0));
    const other = control().createVolume({ project: 'demo', sizeGiB: 1, name: 'other' });
    expect(other.status).toBe('available');
    const room = await source.room!();
    expect(room.host).toMatchObject({ name: HOST, volumesMax: 26, otherVolumes: 1 });
    const used = control().volumes().length;
    expect(room.quota.volumesLeft).toBe(100 - used);
  });

  test('read in place: room in the project for snapshots, in total and of each type, and no host', async () => {
    control().setQuota('demo', { snapshots: 3, byVolumeType: { local: { snapshots: 2, gigabytes: 20 } } });
    await snapshot();
    await using inPlace = await old.open();
    const { quota, host } = await inPlace.room!();
    expect([quota.snapshotsLeft, quota.snapshotsLeftByType, host]).toEqual([1, { local: 0 }, undefined]);
    const taken = [...control().volumes(), ...control().snapshots()].reduce((sum, { sizeGiB }) => sum + sizeGiB, 0);
    expect(quota.gigabytesLeftByType).toEqual({ local: 20 - taken });
    control().setQuota('demo', { snapshots: -1, byVolumeType: {} });
    expect((await inPlace.room!()).quota).not.toHaveProperty('snapshotsLeft');
  });

  test('few slots: a reader waits for another to be released', async () => {
    await source[Symbol.asyncDispose]();
    source = await old.openByClone({ maxVolumes: 2 });
    const frozen = await snapshot();
    const first = await source.reader(frozen, diskKey(0));
    let isThere = false;
    const second = source.reader(frozen, diskKey(1)).then((reader) => {
      isThere = true;
      return reader;
    });
    await expect
      .poll(() =>
        clones()
          .map(({ status }) => status)
          .sort(),
      )
      .toEqual(['available', 'in-use']);
    expect(isThere).toBe(false);
    await first.release!();
    await (await second).release!();
    await source.removeSnapshot(vmRef(planted.id), frozen.ref);
    expectNothingLeft();
  });
});
