import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeWindowsGuest, type WindowsGuest } from '../../lab/guests/make.js';
import { Bench } from '../../lab/harness/bench.js';
import { effects, forgetCalls } from '../../lab/harness/effects.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { sameBytes } from '../../lab/harness/same-bytes.js';
import { expectCopied, isOn, manifestOf, migplan, said } from './steps.js';

// The one conversion with a real virt-v2v: a disk that inspection takes for Windows, from seed to running server. A blank disk
// stands before it: libguestfs gives up on such a VM unless the disk with the system comes first.
const MiB = 2 ** 20;
let bench: Bench;
let project: LabProject;
let guest: WindowsGuest;

const windows = (phase: string, bootDisk = 'bootDisk: scsi0:1'): string =>
  manifestOf(
    'win',
    `target: {server: {flavor: m1.small, networks: [prod-lan]}}\nphase: ${phase}\nhwMachineType: q35\nshutdown: {timeout: 2m}\n${bootDisk}`,
  );

/** What was done to the power of the source, ever. */
const power = async (): Promise<string[]> =>
  (await effects(bench)).filter((effect) => /^(ShutdownGuest|PowerO(n|ff)VM_Task)/.test(effect));

beforeAll(async () => {
  bench = await Bench.open({
    source: vcenter(async (folder) => {
      guest = await makeWindowsGuest(folder);
      return [
        { name: 'win', ...guest.vm, cbtEnabled: false, disks: [{ capacityBytes: 8 * MiB }, { content: { file: guest.image } }] },
      ];
    }),
    target: simulatedCloud(),
  });
  project = await bench.project('win', { limits: '{transfers: 2, batch: 64MiB}' });
  await forgetCalls(bench);
});

afterAll(() => bench[Symbol.asyncDispose]());

test('AC6: a Windows VM is on during its seed and its syncs', async () => {
  const { control } = bench.source;
  await project.manifest('win', windows('seed'));
  await migplan(project, ['apply', '--auto-approve'], { env: guest.env });
  await expectCopied(bench, 'win', 2000, 2001);
  await control.guestWrite({ vm: 'win', diskKey: 2001, offset: 150 * MiB, length: MiB, fill: { seed: 13 } });
  await project.manifest('win', windows('sync'));
  await migplan(project, ['apply', '--auto-approve'], { env: guest.env });
  await expectCopied(bench, 'win', 2000, 2001);
  expect(await isOn(bench, 'win')).toBe(true);
  expect(await power()).toEqual([]);
});

test('the boot disk is not the first one and nobody said so: found out before the power-off, with the way out', async () => {
  await project.manifest('win', windows('cutover', ''));
  const found = said(await migplan(project, ['apply', '--auto-approve', '--allow-cutover'], { env: guest.env, exit: 6 }));
  expect(found).toContain('MP2053');
  expect(found).toContain('set spec.bootDisk: scsi0:1');
  expect(await isOn(bench, 'win')).toBe(true);
  expect(await power()).toEqual([]);
  await expectCopied(bench, 'win', 2000, 2001);
  expect(await bench.target.control.volumeNamed('win-2000')).toMatchObject({ bootable: true });
});

test('AC3 and AC6: cutover powers it off, takes a last delta, converts, and starts the server', async () => {
  const { control } = bench.source;
  await control.guestWrite({ vm: 'win', diskKey: 2001, offset: 152 * MiB, length: MiB, fill: { seed: 14 } });
  await project.manifest('win', windows('cutover'));
  expect(said(await migplan(project, ['plan', '--out', 'cutover.json'], { env: guest.env }))).toContain('POWERED OFF');
  // Nothing that cannot be undone without somebody's word for it.
  expect(said(await migplan(project, ['apply', 'cutover.json'], { env: guest.env, exit: 4 }))).toContain('MP3008');
  expect(await isOn(bench, 'win')).toBe(true);
  expect(await power()).toEqual([]);

  await forgetCalls(bench);
  const applied = said(await migplan(project, ['apply', 'cutover.json', '--allow-cutover'], { env: guest.env }));
  expect(applied).toContain('Conversion complete');
  expect(await isOn(bench, 'win')).toBe(false);
  expect(await power()).toEqual([expect.stringContaining('ShutdownGuest')]);
  // On for the first pass, off for the last: power, then snapshot.
  const done = (await effects(bench)).filter((effect) => /^(ShutdownGuest|CreateSnapshot)/.test(effect));
  expect(done.map((effect) => effect.split(' ')[0])).toEqual(['CreateSnapshot_Task', 'ShutdownGuest', 'CreateSnapshot_Task']);

  const [data, volume] = await Promise.all(['win-2000', 'win-2001'].map((name) => bench.target.control.volumeNamed(name)));
  expect(data, 'what it was taken for is taken back').toMatchObject({ bootable: false, imageMetadata: {} });
  expect(volume).toMatchObject({ bootable: true, metadata: { converted: 'true' }, imageMetadata: { hw_machine_type: 'q35' } });
  const { imagePath, capacity } = await control.currentImage({ vm: 'win', diskKey: 2001 });
  expect(await sameBytes(imagePath, volume!.file, capacity), 'virt-v2v changed something').toBe(false);
  const last = { offset: 152 * MiB, length: MiB };
  expect(await sameBytes(imagePath, volume!.file, last), 'the last delta is on the volume').toBe(true);
  const servers = await bench.target.control.servers();
  expect(servers).toMatchObject([
    {
      status: 'ACTIVE',
      volumeIds: [volume!.id, data!.id],
      domain: { machineType: 'pc-q35-7.2', interfaces: [{ macAddress: '00:50:56:bb:00:01' }] },
    },
  ]);
  expect(await bench.leftovers()).toEqual([]);
});

test('AC5: a converted VM is skipped with "Volume already converted", by a new plan and by the same one', async () => {
  await forgetCalls(bench);
  const again = said(await migplan(project, ['plan', '--detailed-exitcode'], { env: guest.env }));
  expect(again).toContain('No changes.');
  expect(again).toContain('Volume already converted');
  expect(said(await migplan(project, ['apply', 'cutover.json', '--allow-cutover'], { env: guest.env }))).toContain(
    'already applied',
  );
  expect(await effects(bench)).toEqual([]);
});
