import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { startCli } from '../../lab/harness/cli.js';
import type { CloudVolume } from '../../lab/harness/cloud-control.js';
import { effects, forgetCalls } from '../../lab/harness/effects.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { until } from '../../lab/harness/until.js';
import { savedPlan } from './saved-plan.js';
import { asConverted, copying, expectCopied, isOn, manifestOf, migplan, said, seeded } from './steps.js';

// What the product documents ask of seeds and syncs, each by its id; the cutover has a file of its own.
let bench: Bench;

beforeAll(async () => {
  bench = await Bench.open({
    source: vcenter([
      { name: 'erp', disksMiB: [16, 8] },
      { name: 'slow', disksMiB: [16] },
      { name: 'mail' },
      { name: 'old' },
      { name: 'hw-preserve' },
      { name: 'hw-efi', firmware: 'efi' },
      { name: 'hw-q35' },
      { name: 'hw-exact' },
      { name: 'hw-default' },
    ]),
    target: simulatedCloud(),
  });
});

afterEach(async () => {
  await bench.source.control.setVddk({});
  expect(await bench.leftovers()).toEqual([]);
});

afterAll(() => bench[Symbol.asyncDispose]());

const volume = (name: string): Promise<CloudVolume> => bench.target.control.volumeNamed(name);

describe('a VM that is seeded, then synced', () => {
  let project: LabProject;
  beforeAll(async () => {
    project = await bench.project('erp');
  });

  test('HW1: the machine type of the manifest stands in the saved plan', async () => {
    await project.manifest('erp', manifestOf('erp', 'phase: seed\nhwMachineType: pc-i440fx-6.2'));
    await migplan(project, ['plan', '--out', 'plan.json']);
    const { migrations, resource_changes } = await savedPlan(project, 'plan.json');
    expect(migrations[0]?.actions).toContainEqual(
      expect.objectContaining({ kind: 'set-image-metadata', set: expect.objectContaining({ hw_machine_type: 'pc-i440fx-6.2' }) }),
    );
    expect(JSON.stringify(resource_changes)).toContain('"hw_machine_type":"pc-i440fx-6.2"');
  });

  test('a seed copies all disks from one snapshot, and what is finished is not done again', async () => {
    await migplan(project, ['apply', 'plan.json']);
    await expectCopied(bench, 'erp', 2000, 2001);
    expect(await isOn(bench, 'erp')).toBe(true);

    await forgetCalls(bench);
    expect(said(await migplan(project, ['apply', 'plan.json']))).toContain('already applied');
    expect(said(await migplan(project, ['plan', '--detailed-exitcode']))).toContain('No changes.');
    expect(await effects(bench)).toEqual([]);
  });

  test('AC1: cbtSync without cutover copies the changed blocks only, converts nothing and lets the source run', async () => {
    const { control } = bench.source;
    await control.guestWrite({ vm: 'erp', diskKey: 2000, offset: 3 * 65_536, length: 65_536, fill: { seed: 5 } });
    await control.guestWrite({ vm: 'erp', diskKey: 2001, offset: 0, length: 131_072, fill: { zero: true } });
    const before = await volume('erp-2000');
    await project.manifest('erp', manifestOf('erp', 'cbtSync: true\ncutover: false\nphase: sync'));
    await migplan(project, ['plan', '--out', 'plan.json']);
    await forgetCalls(bench);
    const applied = said(await migplan(project, ['apply', 'plan.json']));

    // What changed, and whatever its neighbourhood the source adds to it: nothing near the 24 MiB of the disks.
    expect(applied).toMatch(/disk\/2000: delta is \d+(\.\d)? KiB/);
    expect(applied).toMatch(/disk\/2001: delta is \d+(\.\d)? KiB/);
    await expectCopied(bench, 'erp', 2000, 2001);
    const after = await volume('erp-2000');
    expect(after.metadata['changeID']).not.toBe(before.metadata['changeID']);
    expect(after.metadata['converted']).toBe('false');
    expect(await isOn(bench, 'erp')).toBe(true);
    expect(await bench.target.control.servers()).toEqual([]);
    const done = await effects(bench);
    expect(done.filter((effect) => /Power|Shutdown|servers/.test(effect))).toEqual([]);
    expect(done.filter((effect) => effect.includes('Snapshot_Task'))).toHaveLength(2);
  });
});

describe('AC2: the changeID in the volume metadata', () => {
  let project: LabProject;
  let old: string;
  beforeAll(async () => {
    project = await bench.project('slow');
    await seeded(bench, project, 'slow');
    old = (await volume('slow-2000')).metadata['changeID']!;
    await project.manifest('slow', manifestOf('slow', 'phase: sync'));
  });

  /** Overwrites all of the disk, so that there are several batches, each of them slow to read. */
  async function manyChanges(seed: number): Promise<void> {
    await bench.source.control.guestWrite({ vm: 'slow', offset: 0, length: 16 * 2 ** 20, fill: { seed } });
    await bench.source.control.setVddk({ readDelayMs: 300 });
  }

  test('AC2: is the old one at every instant of a sync and becomes the new one when it is complete', async () => {
    await manyChanges(21);
    const run = startCli(project, ['apply', '--auto-approve']);
    let isOver = false;
    void run.finished.then(() => {
      isOver = true;
    });
    const changeIds = new Set<string>();
    const records = new Set<string>();
    await copying(bench);
    await until('the apply to end', async () => {
      const { metadata, status } = await volume('slow-2000');
      // The hold is given back after the commit: as long as it is there and the record is dirty, bytes may be written.
      if (status !== 'available' && metadata['migplan']?.includes('s=dirty')) {
        changeIds.add(metadata['changeID']!);
        records.add(metadata['migplan']);
      }
      return isOver;
    });
    expect((await run.finished).code).toBe(0);
    expect([...changeIds]).toEqual([old]);
    expect(records.size, 'checkpoints seen on the way').toBeGreaterThan(1);
    const now = await volume('slow-2000');
    expect(now.metadata['changeID']).not.toBe(old);
    await expectCopied(bench, 'slow', 2000);
    old = now.metadata['changeID']!;
  });

  test('AC2: is still the old one after kill -9 in the middle of a sync', async () => {
    await manyChanges(22);
    await migplan(project, ['plan', '--out', 'plan.json']);
    const run = startCli(project, ['apply', 'plan.json']);
    await until('a checkpoint', async () => (await volume('slow-2000')).metadata['migplan']?.includes(' p='));
    run.child.kill('SIGKILL');
    expect((await run.finished).signal).toBe('SIGKILL');
    const { metadata } = await volume('slow-2000');
    expect(metadata).toMatchObject({ changeID: old, converted: 'false', migplan: expect.stringContaining('s=dirty') });

    await bench.source.control.setVddk({});
    await migplan(project, ['apply', 'plan.json']);
    expect((await volume('slow-2000')).metadata['changeID']).not.toBe(old);
    await expectCopied(bench, 'slow', 2000);
  });
});

describe('volumes that are there already', () => {
  test('AC4: cbtSync: false is the error "volume already exists", and nothing is changed', async () => {
    const project = await bench.project('mail');
    await seeded(bench, project, 'mail');
    await project.manifest('mail', manifestOf('mail', 'cbtSync: false\ncutover: false'));
    await forgetCalls(bench);
    const refused = said(await migplan(project, ['plan', '--fail-on', 'blocked'], { exit: 1 }));
    expect(refused).toContain('volume already exists: mail-2000');
    expect(refused).toMatch(/manifests\/mail\.yaml(:| line )6/);
    await migplan(project, ['apply', '--auto-approve'], { exit: 6 });
    expect(await effects(bench)).toEqual([]);
  });

  test('AC5: converted ones are skipped with "Volume already converted"; a phase that would write is refused', async () => {
    const project = await bench.project('old');
    const metadata = { osm: 'true', changeID: '52 00 00 00 00 00 00 00-00 00 00 00 00 00 00 01/7', converted: 'true' };
    const planted = await bench.target.control.createVolume({ project: 'demo', sizeGiB: 1, name: 'old-2000', metadata });
    await project.manifest('old', manifestOf('old', 'phase: cutover'));
    await forgetCalls(bench);
    const skipped = said(await migplan(project, ['plan', '--detailed-exitcode']));
    expect(skipped).toContain('No changes.');
    expect(skipped).toContain('Volume already converted');
    await project.manifest('old', manifestOf('old', 'phase: sync'));
    const refused = said(await migplan(project, ['plan', '--fail-on', 'blocked'], { exit: 1 }));
    expect(refused).toContain('Volume already converted');
    expect(await effects(bench)).toEqual([]);
    expect(await isOn(bench, 'old')).toBe(true);
    await bench.target.control.deleteVolume(planted.id);
  });
});

describe('hw_machine_type', () => {
  const wanted: Readonly<Record<string, string>> = {
    'hw-preserve': 'preserve',
    'hw-efi': 'preserve',
    'hw-q35': 'q35',
    'hw-exact': 'pc-i440fx-6.2',
    'hw-default': 'default',
  };
  const machineType = async (vm: string): Promise<string | undefined> =>
    (await volume(`${vm}-2000`)).imageMetadata['hw_machine_type'];
  let project: LabProject;
  let asCreated: readonly CloudVolume[];
  let done: readonly string[];

  beforeAll(async () => {
    project = await bench.project('hw');
    for (const [vm, type] of Object.entries(wanted)) await project.manifest(vm, manifestOf(vm, `hwMachineType: ${type}`));
    // The first run cannot write image metadata: what its volumes have then, POST /volumes gave them.
    await bench.target.control.addFault({
      service: 'volume',
      method: 'POST',
      path: '/volumes/[^/]+/action$',
      do: { status: 400 },
    });
    await migplan(project, ['apply', '--auto-approve'], { exit: 6 });
    asCreated = (await bench.target.control.volumes()).filter(({ name }) => name.startsWith('hw-'));
    await bench.target.control.clearFaults();
    await forgetCalls(bench);
    await migplan(project, ['apply', '--auto-approve']);
    done = await effects(bench);
  });

  test('HW3: is written to volume_image_metadata by its own call, and read back; never with POST /volumes', async () => {
    expect(asCreated.map(({ imageMetadata }) => imageMetadata)).toEqual(Object.keys(wanted).map(() => ({})));
    expect(done.filter((effect) => effect === 'POST /volumes')).toEqual([]);
    // One call sets the metadata, one makes the volume bootable.
    expect(done.filter((effect) => effect === 'POST /volumes/{id}/action')).toHaveLength(2 * Object.keys(wanted).length);
    expect(await machineType('hw-preserve')).toBe('pc');
    expect(await machineType('hw-efi')).toBe('q35');
    expect((await volume('hw-efi-2000')).imageMetadata).toMatchObject({ hw_firmware_type: 'uefi' });
  });

  test('HW4: is what the manifest says, by name or exactly, and follows when the manifest changes', async () => {
    expect(await machineType('hw-q35')).toBe('q35');
    expect(await machineType('hw-exact')).toBe('pc-i440fx-6.2');
    await project.manifest('hw-exact', manifestOf('hw-exact', 'hwMachineType: q35'));
    await forgetCalls(bench);
    await migplan(project, ['apply', '--auto-approve']);
    expect(await machineType('hw-exact')).toBe('q35');
    expect(await effects(bench)).toEqual(['POST /volumes/{id}/action']);
  });

  test("HW6: without any the key is absent, and the server gets the hypervisor's default", async () => {
    expect((await volume('hw-default-2000')).imageMetadata).not.toHaveProperty('hw_machine_type');
    await asConverted(bench, 'hw-default');
    const server = 'target: {server: {flavor: m1.small, networks: [prod-lan]}}';
    await project.manifest('hw-default', manifestOf('hw-default', `phase: cutover\nhwMachineType: default\n${server}`));
    // Nothing is powered off or converted any more, so nothing needs approval.
    await migplan(project, ['apply', '--auto-approve']);
    const servers = await bench.target.control.servers();
    expect(servers).toMatchObject([{ name: 'hw-default', status: 'ACTIVE', domain: { machineType: 'pc-i440fx-7.2' } }]);
    expect((await volume('hw-default-2000')).imageMetadata).not.toHaveProperty('hw_machine_type');
  });
});
