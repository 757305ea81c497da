import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeDataDisk, makeWindowsGuest, type WindowsGuest } from '../../lab/guests/make.js';
import { Bench } from '../../lab/harness/bench.js';
import { startCli } from '../../lab/harness/cli.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { type RealTarget, realTarget } from '../../lab/harness/parts/real-target.js';
import { type Vcenter, vcenter } from '../../lab/harness/parts/vcenter.js';
import { recordedRequests, recordingTo } from '../../lab/harness/recorded-requests.js';
import { until } from '../../lab/harness/until.js';
import { savedPlan } from '../e2e/saved-plan.js';
import { expectCopied, manifestOf, migplan, said } from '../e2e/steps.js';

// The main job into a real cloud: Cinder on Ceph, Nova with libvirt. Bytes are compared behind migplan's back, in Ceph.
const MiB = 2 ** 20;
const MAC = '00:50:56:bb:00:01';
let bench: Bench<Vcenter, RealTarget>;
let guest: WindowsGuest;

beforeAll(async () => {
  bench = await Bench.open({
    source: vcenter(async (folder) => {
      guest = await makeWindowsGuest(folder);
      const data = join(folder, 'data.raw');
      await makeDataDisk(data, { bytes: 64 * MiB, seed: 7, filledOfEight: 5 });
      return [
        {
          name: 'win',
          ...guest.vm,
          cbtEnabled: false,
          disks: [{ content: { file: guest.image } }, { content: { file: data } }],
        },
        { name: 'erp', disksMiB: [16, 8] },
        { name: 'mail' },
        { name: 'future' },
      ];
    }),
    target: realTarget(),
  });
});

afterEach(async () => {
  await bench.source.control.setVddk({});
  expect(await bench.leftovers()).toEqual([]);
});

afterAll(() => bench[Symbol.asyncDispose]());

const control = () => bench.source.control;
const isOn = async (vm: string): Promise<boolean> => (await control().vm({ vm })).power === 'poweredOn';
const machineOf = (domain: string): string | undefined => /<type [^>]*machine='([^']*)'/.exec(domain)?.[1];

const expectBothCopied = (vm: string): Promise<void> => expectCopied(bench, vm, 2000, 2001);

describe('a running VM', () => {
  let project: LabProject;
  beforeAll(async () => {
    project = await bench.project('erp', { entry: 'lab-appcred' });
  });

  test('HW1, HW3: a seed copies all disks; the machine type of the plan goes into the image metadata, and nowhere else', async () => {
    await project.manifest('erp', manifestOf('erp', 'phase: seed\nhwMachineType: preserve'));
    await migplan(project, ['plan', '--out', 'plan.json']);
    const { migrations, resource_changes } = await savedPlan(project, 'plan.json');
    expect(migrations[0]?.actions).toContainEqual(
      expect.objectContaining({ kind: 'set-image-metadata', set: expect.objectContaining({ hw_machine_type: 'pc' }) }),
    );
    expect(JSON.stringify(resource_changes)).toContain('"hw_machine_type":"pc"');

    const requests = join(project.folder, 'requests');
    await migplan(project, ['apply', 'plan.json'], { env: recordingTo(requests) });
    await expectBothCopied('erp');
    expect(await isOn('erp')).toBe(true);
    expect((await bench.target.cloud.volumeNamed('erp-2000')).imageMetadata['hw_machine_type']).toBe('pc');
    // Cinder ignores image metadata in the body that makes a volume, or refuses it: they come by an action of their own.
    const posts = (await recordedRequests(requests)).filter(({ method }) => method === 'POST');
    const made = posts.filter(({ path }) => path.endsWith('/volumes'));
    expect(made.map(({ outcome }) => outcome)).toEqual([202, 202]);
    for (const { body } of made) expect(body).not.toMatch(/image_metadata|"(hw|os)_/);
    expect(posts.filter(({ body }) => /^{"os-set_image_metadata":.*"hw_machine_type":"pc"/.test(body))).toHaveLength(1);
  });

  test('HW6: with hwMachineType default nothing stands in the image metadata', async () => {
    await project.manifest('erp', manifestOf('erp', 'phase: seed\nhwMachineType: default'));
    await migplan(project, ['apply', '--auto-approve']);
    expect((await bench.target.cloud.volumeNamed('erp-2000')).imageMetadata).not.toHaveProperty('hw_machine_type');
    expect(said(await migplan(project, ['plan', '--detailed-exitcode']))).toContain('No changes.');
  });

  test('AC1: cbtSync without cutover brings over changed blocks, zeroed ones too, and nothing else happens', async () => {
    await control().guestWrite({ vm: 'erp', diskKey: 2000, offset: 3 * 65_536, length: 65_536, fill: { seed: 5 } });
    await control().guestWrite({ vm: 'erp', diskKey: 2001, offset: 0, length: 2 * MiB, fill: { zero: true } });
    await control().guestRandomWrites({ vm: 'erp', diskKey: 2000, seed: 8, count: 30, maxBytes: 131_072, zeroRatio: 0.4 });
    const before = await bench.target.cloud.volumeNamed('erp-2000');
    await project.manifest('erp', manifestOf('erp', 'cbtSync: true\ncutover: false\nhwMachineType: default\nverify: full'));
    const applied = said(await migplan(project, ['apply', '--auto-approve']));
    // The 2 MiB, and at most a few blocks of their neighbourhood, which the source adds.
    expect(applied).toMatch(/disk\/2001: delta is 2(\.[012]\d*)? MiB in \d+ extents?\b/);
    await expectBothCopied('erp');
    const after = await bench.target.cloud.volumeNamed('erp-2000');
    expect(after.metadata['changeID']).not.toBe(before.metadata['changeID']);
    expect(after.metadata['converted']).toBe('false');
    expect(await isOn('erp')).toBe(true);
    expect(await bench.target.cloud.servers()).toEqual([]);
  });

  test('AC2: changeID in the volume metadata is the old one until the sync is complete', async () => {
    const old = (await bench.target.cloud.volumeNamed('erp-2000')).metadata['changeID'];
    await control().guestWrite({ vm: 'erp', diskKey: 2000, offset: 0, length: 16 * MiB, fill: { seed: 21 } });
    await control().setVddk({ readDelayMs: 100 });
    const run = startCli(project, ['apply', '--auto-approve']);
    let isOver = false;
    void run.finished.then(() => {
      isOver = true;
    });
    const seen = new Set<string | undefined>();
    await until('the apply to end', async () => {
      const { metadata, status } = await bench.target.cloud.volumeNamed('erp-2000');
      if (status === 'in-use' && metadata['migplan']?.includes('s=dirty')) seen.add(metadata['changeID']);
      return isOver;
    });
    expect((await run.finished).code).toBe(0);
    expect([...seen]).toEqual([old]);
    expect((await bench.target.cloud.volumeNamed('erp-2000')).metadata['changeID']).not.toBe(old);
    await expectBothCopied('erp');
  });
});

describe('a Windows VM', () => {
  let project: LabProject;
  const manifest = (phase: string, more: string) =>
    project.manifest('win', manifestOf('win', `phase: ${phase}\nshutdown: {timeout: 2m}\n${more}`));
  beforeAll(async () => {
    project = await bench.project('win', { limits: '{transfers: 2, batch: 64MiB}' });
  });

  test('AC6: runs on while it is seeded and synced', async () => {
    await manifest('seed', 'hwMachineType: preserve');
    await migplan(project, ['apply', '--auto-approve'], { env: guest.env });
    await expectBothCopied('win');
    expect((await bench.target.cloud.volumeNamed('win-2000')).imageMetadata).toMatchObject({
      hw_machine_type: 'pc',
      os_type: 'windows',
    });
    await control().guestWrite({ vm: 'win', diskKey: 2001, offset: 5 * MiB, length: 3 * MiB, fill: { zero: true } });
    await manifest('sync', 'hwMachineType: preserve');
    await migplan(project, ['apply', '--auto-approve'], { env: guest.env });
    await expectBothCopied('win');
    expect(await isOn('win')).toBe(true);
  });

  test('AC3, AC6, HW4: the cutover powers off, syncs once more, converts and boots it on the machine type declared', async () => {
    await control().guestWrite({ vm: 'win', diskKey: 2001, offset: 9 * MiB, length: MiB, fill: { seed: 14 } });
    await manifest('cutover', 'hwMachineType: pc-q35-6.2\ntarget: {server: {flavor: m1.tiny, networks: [demo-net]}}');
    await migplan(project, ['plan', '--out', 'cutover.json'], { env: guest.env });
    await migplan(project, ['apply', 'cutover.json'], { exit: 4, env: guest.env });
    expect(await isOn('win')).toBe(true);
    await migplan(project, ['apply', 'cutover.json', '--allow-cutover'], { env: guest.env });
    expect(await isOn('win')).toBe(false);

    const [root, data] = [await bench.target.cloud.volumeNamed('win-2000'), await bench.target.cloud.volumeNamed('win-2001')];
    for (const { metadata } of [root, data]) expect(metadata['converted']).toBe('true');
    const [server, ...others] = await bench.target.cloud.servers();
    expect(others).toEqual([]);
    expect(server).toMatchObject({ name: 'win', status: 'ACTIVE' });
    const domain = await bench.target.cloud.domainOf(server!.id);
    expect(machineOf(domain)).toBe('pc-q35-6.2');
    expect(domain).toContain(MAC);
    expect([...domain.matchAll(/<serial>([^<]*)<\/serial>/g)].map(([, id]) => id)).toEqual([root.id, data.id]);

    // The conversion has nothing to do on the data disk; on the root disk it has.
    const image = async (diskKey: number) =>
      (await control().currentImage({ vm: 'win', diskKey } as never)) as { imagePath: string };
    expect(await bench.target.cloud.volumeEqualsFile(data.id, (await image(2001)).imagePath)).toBe(true);
    expect(await bench.target.cloud.volumeEqualsFile(root.id, (await image(2000)).imagePath)).toBe(false);
  });

  test('AC5: converted volumes are skipped with "Volume already converted"; a second run does nothing', async () => {
    expect(said(await migplan(project, ['apply', 'cutover.json', '--allow-cutover'], { env: guest.env }))).toContain(
      'already applied',
    );
    const skipped = said(await migplan(project, ['plan', '--detailed-exitcode'], { env: guest.env }));
    expect(skipped).toContain('No changes.');
    expect(skipped).toContain('Volume already converted');
    await manifest('sync', 'hwMachineType: pc-q35-6.2');
    expect(said(await migplan(project, ['plan', '--fail-on', 'blocked'], { exit: 1 }))).toContain('Volume already converted');
  });
});

test('HW7: a machine type that no host runs is found by a probe, and refused by every plan from then on', async () => {
  const project = await bench.project('future');
  await project.manifest('future', manifestOf('future', 'phase: seed\nhwMachineType: pc-i440fx-99.9'));
  const types = ['--type', 'pc-i440fx-99.9', '--type', 'pc-i440fx-7.2'];
  await migplan(project, ['doctor', '--probe-machine-types', '--provider', 'rhoso-prod', ...types]);
  const refused = said(await migplan(project, ['plan', '--fail-on', 'blocked'], { exit: 1 }));
  expect(refused).toMatch(/MP2027[\s\S]*pc-i440fx-99\.9/);
  await project.manifest('future', manifestOf('future', 'phase: seed\nhwMachineType: pc-i440fx-7.2'));
  expect(said(await migplan(project, ['plan', '--fail-on', 'blocked']))).toContain('Plan: 1 to add');
  expect((await bench.target.cloud.volumes()).filter(({ name }) => /^(future|migplan-probe)/.test(name))).toEqual([]);
});

test('AC4: cbtSync: false with a volume that is there is the error "volume already exists"', async () => {
  const project = await bench.project('mail');
  const made = await bench.target.cloud.call('volumev3', 'POST', '/volumes', {
    volume: { size: 1, name: 'mail-2000', metadata: {} },
  });
  await until('the volume', async () => (await bench.target.cloud.volumeNamed('mail-2000')).status === 'available');
  await project.manifest('mail', manifestOf('mail', 'cbtSync: false\ncutover: false'));
  expect(said(await migplan(project, ['plan', '--fail-on', 'blocked'], { exit: 1 }))).toMatch(
    /volume already exists: mail-2000/i,
  );
  await migplan(project, ['apply', '--auto-approve'], { exit: 6 });
  const { id, metadata } = await bench.target.cloud.volumeNamed('mail-2000');
  expect({ id, metadata }).toEqual({ id: made.body.volume.id, metadata: {} });
});
