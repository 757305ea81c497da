import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { sameBytes } from '../../lab/harness/compare.js';
import { makeConversionStandIn } from '../../lab/harness/conversion-stand-in.js';
import { ImageMachines } from '../../lab/harness/image-machines.js';
import { localAccess } from '../../lab/harness/project-files.js';
import { scatteredDisk } from '../../lab/harness/scattered-disk.js';
import { until } from '../../lab/harness/until.js';
import { migplan, said } from './steps.js';

const RHEL = 'pc-i440fx-rhel7.6.0';

let machines: ImageMachines;
const raw = (name: string, seed: number): string => scatteredDisk(join(machines.home, name), seed);
const run = async (args: readonly string[], exit = 0): Promise<string> => said(await migplan(machines, args, { exit }));

async function expectCopied(volume: string, file: string, bytes = 64 * 2 ** 20): Promise<void> {
  const copy = await machines.cloud.control.volumeNamed(volume);
  expect(await sameBytes(file, copy.file, bytes), volume).toBe(true);
}

beforeAll(async () => {
  machines = await ImageMachines.open();
});
afterEach(async () => expect(await machines.leftovers()).toEqual([]));
afterAll(() => machines[Symbol.asyncDispose]());

describe('a machine of a qcow2 and a vmdk becomes a server', () => {
  let files: { readonly root: string; readonly data: string };
  const server = 'target: {server: {flavor: m1.small}}';

  beforeAll(async () => {
    files = { root: raw('root.raw', 1), data: raw('data.raw', 2) };
    await machines.machine('web01', {
      machineType: RHEL,
      disks: [
        machines.image('root.qcow2', { key: 0, raw: files.root, format: 'qcow2' }),
        machines.image('data.vmdk', { key: 1, raw: files.data, format: 'vmdk' }),
      ],
      nics: [{ mac: '52:54:00:12:34:56', network: 'prod-lan' }],
    });
  });

  test('doctor knows it, and export writes its manifest', async () => {
    expect(await run(['doctor'])).toMatch(/provider images +machines \(machine files /);
    expect(await run(['export', '--provider', 'images'])).toMatch(/server: web01\n[\s\S]*hwMachineType: pc-i440fx-rhel7.6.0\n/);
  });

  test('seeded, its volumes are byte for byte what the images hold; again, nothing changes', async () => {
    await machines.manifest('web01', `phase: seed\n${server}`);
    const plan = await run(['plan']);
    expect(plan).toContain('machines "images"');
    expect(plan).toContain('full seed, up to 64.0 MiB');
    await run(['apply', '--auto-approve']);
    await expectCopied('web01-0', files.root);
    await expectCopied('web01-1', files.data);
    expect(await run(['plan', '--detailed-exitcode'])).toContain('No changes.');
  });

  test('an image that changed since is copied again, and the plan says why', async () => {
    const write = ['-c', 'write -P 0xab 5M 1M'];
    execFileSync('qemu-io', ['-f', 'qcow2', ...write, machines.at('machines/root.qcow2')]);
    execFileSync('qemu-io', ['-f', 'raw', ...write, files.root]);
    expect(await run(['plan', '--detailed-exitcode', '--out', 'again.json'], 2)).toContain(
      'full seed AGAIN, because the source has changed since it was copied',
    );
    await run(['apply', 'again.json']);
    await expectCopied('web01-0', files.root);
    await expectCopied('web01-1', files.data);
  });

  test('one that changes between plan and apply makes the plan stale', async () => {
    await machines.manifest('web01', `phase: cutover\n${server}`);
    await run(['plan', '--out', 'old.json']);
    execFileSync('qemu-io', ['-f', 'vmdk', '-c', 'write -P 0xcd 9M 64k', machines.at('machines/data.vmdk')]);
    execFileSync('qemu-io', ['-f', 'raw', '-c', 'write -P 0xcd 9M 64k', files.data]);
    expect(await run(['apply', 'old.json', '--allow-cutover'], 4)).toContain('MP3003');
    await machines.manifest('web01', `phase: sync\n${server}`);
    await run(['apply', '--auto-approve']);
  });

  test('cut over, it is not copied once more: its volumes become final, and a server boots from them', async () => {
    await machines.manifest('web01', `phase: cutover\n${server}`);
    const plan = await run(['plan', '--out', 'cutover.json']);
    expect(plan).not.toContain('full seed');
    expect(plan).toContain('no conversion: the guest runs on KVM already');
    await run(['apply', 'cutover.json', '--allow-cutover']);
    await expectCopied('web01-0', files.root);
    await expectCopied('web01-1', files.data);
    const [made] = await machines.cloud.control.servers();
    expect(made).toMatchObject({ name: 'web01', status: 'ACTIVE' });
    expect(made?.domain.machineType).toBe(RHEL);
    expect(made?.domain.interfaces.map(({ macAddress }) => macAddress)).toEqual(['52:54:00:12:34:56']);
    expect(await run(['plan', '--detailed-exitcode'])).toContain('Volume already converted');
  });
});

describe('what must not be', () => {
  test('a machine that runs is left alone: nothing is planned, and an earlier plan is refused', async () => {
    const image = machines.at('machines/used.raw');
    scatteredDisk(image, 3);
    await machines.machine('used', { disks: [machines.image('used.raw', { key: 20, raw: image, format: 'raw' })] });
    await machines.manifest('used', 'phase: seed');
    await run(['plan', '--target', 'vm/used', '--out', 'used.json']);
    const blockdev = JSON.stringify({ driver: 'raw', 'node-name': 'd', file: { driver: 'file', filename: image } });
    const pidFile = join(machines.home, 'used.pid');
    const qemu = spawn('qemu-storage-daemon', [
      ...['--blockdev', blockdev, '--nbd-server', `addr.type=unix,addr.path=${join(machines.home, 'used.sock')}`],
      ...['--export', 'type=nbd,id=d,node-name=d,name=,writable=on', '--pidfile', pidFile],
    ]);
    onTestFinished(async () => {
      qemu.kill();
      await once(qemu, 'exit');
    });
    await until('the image to be in use', async () => (await readFile(pidFile, 'utf8').catch(() => '')) !== '');
    const blocked = await run(['plan', '--target', 'vm/used', '--fail-on', 'blocked'], 1);
    expect(blocked).toContain('MP2011');
    expect(blocked).toContain('has');
    expect(await run(['apply', 'used.json'], 4)).toContain('MP3003');
    expect((await machines.cloud.control.volumes()).filter(({ name }) => name === 'used-20')).toEqual([]);
  });

  test('a raw image that looks like another format is copied as bytes, and what it names stays where it is', async () => {
    await writeFile(join(machines.home, 'secret.raw'), Buffer.alloc(2 ** 20, 'top secret '));
    const image = machines.at('machines/odd.raw');
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', join(machines.home, 'secret.raw'), '-F', 'raw', image]);
    await truncate(image, 2 ** 20);
    await machines.machine('odd', { disks: [machines.image('odd.raw', { key: 30, raw: image, format: 'raw' })] });
    await machines.manifest('odd', 'phase: seed');
    await run(['plan', '--target', 'vm/odd', '--out', 'odd.json']);
    await run(['apply', 'odd.json']);
    await expectCopied('odd-30', image, 2 ** 20);
    await machines.machine('odd', { disks: [{ path: 'odd.raw', format: 'qcow2', key: 30 }] });
    expect(await run(['plan', '--target', 'vm/odd', '--fail-on', 'blocked'], 1)).toMatch(/MP2010[\s\S]*has a backing file/);
    await machines.machine('odd', { disks: [{ path: 'odd.raw', format: 'raw', key: 30 }] });
  });

  test('a machine file with a mistake is told with its place', async () => {
    await machines.write('machines/wrong.json', '{\n  "name": "wrong",\n  "firmware": "efi"\n}\n');
    const plan = await run(['plan'], 1);
    expect(plan).toMatch(/machines\/wrong\.json:3:15/);
    expect(plan).toContain('firmware is "efi", and must be bios or uefi');
    await machines.write(
      'machines/wrong.json',
      '{"name": "wrong", "firmware": "bios", "guest": "linux", "conversion": "none", "disks": [{"uri": "nbd://127.0.0.1:1/x", "format": "raw"}]}',
    );
  });
});

test('what docs/images-and-nbd.md shows does what it says', async () => {
  await using shown = await ImageMachines.open();
  const text = await readFile(new URL('../../docs/images-and-nbd.md', import.meta.url), 'utf8');
  const yaml = [...text.matchAll(/```yaml\n# (\S+)\n([\s\S]*?)```/g)];
  const json = [...text.matchAll(/```json (\S+)\n([\s\S]*?)```/g)];
  expect([...yaml, ...json].map(([, name]) => name)).toEqual(['migplan.yaml', 'manifests/web01.yaml', 'machines/web01.json']);
  const access = localAccess(join(shown.home, 'new', 'state'));
  for (const [, name, body] of [...yaml, ...json]) await shown.write(name!, body!.replace('{type: cinder}', access));
  const disks = [scatteredDisk(join(shown.home, 'root.raw'), 8), scatteredDisk(join(shown.home, 'data.raw'), 9)] as const;
  shown.image('web01.qcow2', { key: 0, raw: disks[0], format: 'qcow2' });
  shown.image('web01-data.vmdk', { key: 1, raw: disks[1], format: 'vmdk' });
  const commands = /```console\n([\s\S]*?)```/.exec(text)![1]!.trim().split('\n');
  expect(commands.length).toBeGreaterThan(2);
  for (const command of commands) await migplan(shown, command.split(' ').slice(1));
  for (const [index, file] of disks.entries()) {
    const copy = await shown.cloud.control.volumeNamed(`web01-${index}`);
    expect(await sameBytes(file, copy.file, 64 * 2 ** 20), copy.name).toBe(true);
  }
  expect(await shown.cloud.control.servers()).toMatchObject([{ name: 'web01', status: 'ACTIVE' }]);
  expect(await shown.leftovers()).toEqual([]);
});

test('a guest of another hypervisor is converted after its copy', async () => {
  const standIn = await makeConversionStandIn(join(machines.home, 'stand-in'));
  const file = raw('win.raw', 5);
  await machines.machine('win01', {
    guest: 'windows',
    conversion: 'virt-v2v',
    disks: [machines.image('win.vmdk', { key: 40, raw: file, format: 'vmdk' })],
  });
  await machines.manifest('win01', 'phase: cutover');
  const env = standIn.environment;
  const plan = said(await migplan(machines, ['plan', '--target', 'vm/win01', '--out', 'win.json'], { env }));
  expect(plan).toContain('virt-v2v, on an overlay that is merged when it succeeded');
  await migplan(machines, ['apply', 'win.json', '--allow-cutover'], { env });
  await expectCopied('win01-40', file);
  expect((await machines.cloud.control.volumeNamed('win01-40')).metadata['converted']).toBe('true');
});
