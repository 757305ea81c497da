import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { makeConversionStandIn } from '../../lab/harness/conversion-stand-in.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { type Image, type MachineFiles, machineFiles } from '../../lab/harness/parts/machine-files.js';
import { RHEL } from '../../lab/harness/parts/old-cloud.js';
import { type SimulatedCloud, simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { sameBytes } from '../../lab/harness/same-bytes.js';
import { scatteredDisk } from '../../lab/harness/scattered-disk.js';
import { until } from '../../lab/harness/until.js';
import { commandsOf, shellOf } from '../docs/fences.js';
import { migplan, said } from './steps.js';

const LIMITS = '{transfers: 2, batch: 64MiB}';
let bench: Bench<MachineFiles, SimulatedCloud>;
let project: LabProject;
const open = (): Promise<Bench<MachineFiles, SimulatedCloud>> =>
  Bench.open({ source: machineFiles(), target: simulatedCloud({ hypervisor: { machineTypes: ['pc', 'q35', RHEL] } }) });
const machineOf = (name: string, over: object): Promise<void> => bench.source.machine(project, name, over);
const imageOf = (name: string, bytes: Image): object => bench.source.image(project, name, bytes);
const manifest = (name: string, spec: string): Promise<void> => project.manifest(name, `source: {server: ${name}}\n${spec}`);
const raw = (name: string, seed: number): string => scatteredDisk(join(bench.folder, name), seed);
const run = async (args: readonly string[], exit = 0): Promise<string> => said(await migplan(project, args, { exit }));

async function expectCopied(volume: string, file: string, bytes = 64 * 2 ** 20): Promise<void> {
  const copy = await bench.target.control.volumeNamed(volume);
  expect(await sameBytes(file, copy.file, bytes), volume).toBe(true);
}

beforeAll(async () => {
  bench = await open();
  project = await bench.project('project', { limits: LIMITS });
});
afterEach(async () => expect(await bench.leftovers()).toEqual([]));
afterAll(() => bench[Symbol.asyncDispose]());

describe('a machine of a qcow2 and a vmdk becomes a server', () => {
  let files: { readonly root: string; readonly data: string };
  const server = 'target: {server: {flavor: m1.small}}';

  beforeAll(async () => {
    files = { root: raw('root.raw', 1), data: raw('data.raw', 2) };
    await machineOf('web01', {
      machineType: RHEL,
      disks: [
        imageOf('root.qcow2', { key: 0, raw: files.root, format: 'qcow2' }),
        imageOf('data.vmdk', { key: 1, raw: files.data, format: 'vmdk' }),
      ],
      nics: [{ mac: '52:54:00:12:34:56', network: 'prod-lan' }],
    });
  });

  test('doctor knows it, and export writes its manifest', async () => {
    expect(await run(['doctor'])).toMatch(/provider images +machines \(machine files /);
    expect(await run(['export', '--provider', 'images'])).toMatch(/server: web01\n[\s\S]*hwMachineType: pc-i440fx-rhel7.6.0\n/);
  });

  test('seeded, its volumes are byte for byte what the images hold; again, nothing changes', async () => {
    await manifest('web01', `phase: seed\n${server}`);
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
    execFileSync('qemu-io', ['-f', 'qcow2', ...write, project.at('machines/root.qcow2')]);
    execFileSync('qemu-io', ['-f', 'raw', ...write, files.root]);
    expect(await run(['plan', '--detailed-exitcode', '--out', 'again.json'], 2)).toContain(
      'full seed AGAIN, because the source has changed since it was copied',
    );
    await run(['apply', 'again.json']);
    await expectCopied('web01-0', files.root);
    await expectCopied('web01-1', files.data);
  });

  test('one that changes between plan and apply makes the plan stale', async () => {
    await manifest('web01', `phase: cutover\n${server}`);
    await run(['plan', '--out', 'old.json']);
    execFileSync('qemu-io', ['-f', 'vmdk', '-c', 'write -P 0xcd 9M 64k', project.at('machines/data.vmdk')]);
    execFileSync('qemu-io', ['-f', 'raw', '-c', 'write -P 0xcd 9M 64k', files.data]);
    expect(await run(['apply', 'old.json', '--allow-cutover'], 4)).toContain('MP3003');
    await manifest('web01', `phase: sync\n${server}`);
    await run(['apply', '--auto-approve']);
  });

  test('cut over, it is not copied once more: its volumes become final, and a server boots from them', async () => {
    await manifest('web01', `phase: cutover\n${server}`);
    const plan = await run(['plan', '--out', 'cutover.json']);
    expect(plan).not.toContain('full seed');
    expect(plan).toContain('no conversion: the guest runs on KVM already');
    await run(['apply', 'cutover.json', '--allow-cutover']);
    await expectCopied('web01-0', files.root);
    await expectCopied('web01-1', files.data);
    const [made] = await bench.target.control.servers();
    expect(made).toMatchObject({ name: 'web01', status: 'ACTIVE' });
    expect(made?.domain.machineType).toBe(RHEL);
    expect(made?.domain.interfaces.map(({ macAddress }) => macAddress)).toEqual(['52:54:00:12:34:56']);
    expect(await run(['plan', '--detailed-exitcode'])).toContain('Volume already converted');
  });
});

describe('what must not be', () => {
  test('a machine that runs is left alone: nothing is planned, and an earlier plan is refused', async () => {
    const image = project.at('machines/used.raw');
    scatteredDisk(image, 3);
    await machineOf('used', { disks: [imageOf('used.raw', { key: 20, raw: image, format: 'raw' })] });
    await manifest('used', 'phase: seed');
    await run(['plan', '--target', 'vm/used', '--out', 'used.json']);
    const blockdev = JSON.stringify({ driver: 'raw', 'node-name': 'd', file: { driver: 'file', filename: image } });
    const pidFile = join(bench.folder, 'used.pid');
    const qemu = spawn('qemu-storage-daemon', [
      ...['--blockdev', blockdev, '--nbd-server', `addr.type=unix,addr.path=${join(bench.folder, 'used.sock')}`],
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
    expect((await bench.target.control.volumes()).filter(({ name }) => name === 'used-20')).toEqual([]);
  });

  test('a raw image that looks like another format is copied as bytes, and what it names stays where it is', async () => {
    await writeFile(join(bench.folder, 'secret.raw'), Buffer.alloc(2 ** 20, 'top secret '));
    const image = project.at('machines/odd.raw');
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', join(bench.folder, 'secret.raw'), '-F', 'raw', image]);
    await truncate(image, 2 ** 20);
    await machineOf('odd', { disks: [imageOf('odd.raw', { key: 30, raw: image, format: 'raw' })] });
    await manifest('odd', 'phase: seed');
    await run(['plan', '--target', 'vm/odd', '--out', 'odd.json']);
    await run(['apply', 'odd.json']);
    await expectCopied('odd-30', image, 2 ** 20);
    await machineOf('odd', { disks: [{ path: 'odd.raw', format: 'qcow2', key: 30 }] });
    expect(await run(['plan', '--target', 'vm/odd', '--fail-on', 'blocked'], 1)).toMatch(/MP2010[\s\S]*has a backing file/);
    await machineOf('odd', { disks: [{ path: 'odd.raw', format: 'raw', key: 30 }] });
  });

  test('a machine file with a mistake is told with its place', async () => {
    await project.write('machines/wrong.json', '{\n  "name": "wrong",\n  "firmware": "efi"\n}\n');
    const plan = await run(['plan'], 1);
    expect(plan).toMatch(/machines\/wrong\.json:3:15/);
    expect(plan).toContain('firmware is "efi", and must be bios or uefi');
    await project.write(
      'machines/wrong.json',
      '{"name": "wrong", "firmware": "bios", "guest": "linux", "conversion": "none", "disks": [{"uri": "nbd://127.0.0.1:1/x", "format": "raw"}]}',
    );
  });
});

test('what docs/images-and-nbd.md shows does what it says', async () => {
  await using shown = await open();
  const there = await shown.project('project', { limits: LIMITS });
  const text = await readFile(new URL('../../docs/images-and-nbd.md', import.meta.url), 'utf8');
  const yaml = [...text.matchAll(/```yaml\n# (\S+)\n([\s\S]*?)```/g)];
  const json = [...text.matchAll(/```json (\S+)\n([\s\S]*?)```/g)];
  expect([...yaml, ...json].map(([, name]) => name)).toEqual(['migplan.yaml', 'manifests/web01.yaml', 'machines/web01.json']);
  for (const [, name, body] of [...yaml, ...json])
    await there.write(name!, body!.replace('{type: cinder}', shown.target.localAccess).replace('cloud: new', 'cloud: prod'));
  const disks = [scatteredDisk(join(shown.folder, 'root.raw'), 8), scatteredDisk(join(shown.folder, 'data.raw'), 9)] as const;
  shown.source.image(there, 'web01.qcow2', { key: 0, raw: disks[0], format: 'qcow2' });
  shown.source.image(there, 'web01-data.vmdk', { key: 1, raw: disks[1], format: 'vmdk' });
  const commands = shellOf('docs/images-and-nbd.md').flatMap(commandsOf);
  expect(commands.length).toBeGreaterThan(2);
  for (const command of commands) await migplan(there, command.split(' ').slice(1));
  for (const [index, file] of disks.entries()) {
    const copy = await shown.target.control.volumeNamed(`web01-${index}`);
    expect(await sameBytes(file, copy.file, 64 * 2 ** 20), copy.name).toBe(true);
  }
  expect(await shown.target.control.servers()).toMatchObject([{ name: 'web01', status: 'ACTIVE' }]);
  expect(await shown.leftovers()).toEqual([]);
});

test('a guest of another hypervisor is converted after its copy', async () => {
  const standIn = await makeConversionStandIn(join(bench.folder, 'stand-in'));
  const file = raw('win.raw', 5);
  await machineOf('win01', {
    guest: 'windows',
    conversion: 'virt-v2v',
    disks: [imageOf('win.vmdk', { key: 40, raw: file, format: 'vmdk' })],
  });
  await manifest('win01', 'phase: cutover');
  const env = standIn.environment;
  const plan = said(await migplan(project, ['plan', '--target', 'vm/win01', '--out', 'win.json'], { env }));
  expect(plan).toContain('virt-v2v, on an overlay that is merged when it succeeded');
  await migplan(project, ['apply', 'win.json', '--allow-cutover'], { env });
  await expectCopied('win01-40', file);
  expect((await bench.target.control.volumeNamed('win01-40')).metadata['converted']).toBe('true');
});
