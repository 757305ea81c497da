import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { makeConversionStandIn } from '../../lab/harness/conversion-stand-in.js';
import { effects, forgetCalls } from '../../lab/harness/effects.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { guestWrites, manifestOf, migplan, said } from './steps.js';

// Who comes back after a while: what did others change since the last apply, at the source and at the target? Each test goes on where the
// one before has stopped.
const MiB = 2 ** 20;
let bench: Bench;
let project: LabProject;
let env: Readonly<Record<string, string>>;

interface Told {
  readonly since_apply: readonly {
    readonly recorded: string;
    readonly run?: string;
    readonly changes: readonly {
      readonly address: string;
      readonly field: string;
      readonly before: unknown;
      readonly after: unknown;
    }[];
  }[];
}

const drift = async (vm: string, exit: number, args: readonly string[] = []): Promise<string> =>
  said(await migplan(project, ['drift', '-detailed-exitcode', '--target', vm, ...args], { exit }));

/** `address field` of all that changed. */
async function changes(vm: string): Promise<string[]> {
  const told = JSON.parse((await migplan(project, ['drift', '--json', '--target', vm])).stdout) as Told;
  return told.since_apply.flatMap((one) => one.changes.map(({ address, field }) => `${address} ${field}`));
}

const change = async (volume: string, wanted: Parameters<Bench['target']['control']['changeVolume']>[1]): Promise<unknown> =>
  bench.target.control.changeVolume((await bench.target.control.volumeNamed(volume)).id, wanted);

beforeAll(async () => {
  const windows = {
    guestId: 'windows2019srv_64Guest',
    guestFullName: 'Microsoft Windows Server 2019',
    guestFamily: 'windowsGuest',
  };
  bench = await Bench.open({
    source: vcenter([
      { name: 'app', disksMiB: [8] },
      { name: 'cut', disksMiB: [8, 8], ...windows },
    ]),
    target: simulatedCloud(),
  });
  project = await bench.project('p');
  env = (await makeConversionStandIn(join(bench.folder, 'stand-in'))).environment;
});
afterAll(() => bench[Symbol.asyncDispose]());

test('before the first apply: that there was none, and never that nothing changed', async () => {
  for (const vm of ['app', 'cut']) await project.manifest(vm, manifestOf(vm, 'phase: seed'));
  const told = said(await migplan(project, ['drift', '-detailed-exitcode']));
  expect(told).not.toContain('No drift');
  expect(told).toContain('vm/app: no apply of it is recorded, here or on a volume');
});

test('right after each apply nothing has changed, and looking changes nothing', async () => {
  await migplan(project, ['apply', '--auto-approve']);
  expect(said(await migplan(project, ['drift', '-detailed-exitcode']))).toContain('and as their last apply left them.');
  for (const vm of ['app', 'cut']) await project.manifest(vm, manifestOf(vm, 'phase: sync'));
  for (const vm of ['app', 'cut']) await guestWrites(bench, vm, 1);
  await migplan(project, ['apply', '--auto-approve']);
  await guestWrites(bench, 'app', 2);
  await forgetCalls(bench);
  expect(said(await migplan(project, ['drift', '-detailed-exitcode']))).toContain('and as their last apply left them.');
  expect(await effects(bench)).toEqual([]);
});

test('by hand, before the cutover: a snapshot, a disk that grew, properties of the volume', async () => {
  const { control } = bench.source;
  await control.createForeignSnapshot({ vm: 'app', name: 'before upgrade' });
  await change('app-2000', { imageMetadata: { hw_machine_type: 'q35' }, name: 'renamed' });
  const told = await drift('app', 2);
  expect(told).toMatch(/^# vm\/app has changed since run \w{12}, which ended at \S+Z$/m);
  expect(told).toMatch(/^ {2}~ vm\/app snapshots\.snapshot-\d+: \(none\) -> "before upgrade"$/m);
  expect(told).toMatch(/^ {2}~ vm\/app\/disk\/2000 volume_name: "app-2000" -> "renamed"$/m);
  expect(told).toMatch(/^ {2}~ vm\/app\/disk\/2000 image_metadata\.hw_machine_type: ".*" -> "q35"$/m);
});

test('from another machine, with an empty state folder: what the volumes tell of the last apply, and that this is all', async () => {
  await bench.source.control.extendDisk({ vm: 'cut', diskKey: 2001, capacityBytes: 16 * MiB });
  const elsewhere = { env: { MIGPLAN_DATA_DIR: `${project.folder}.elsewhere` } };
  const calm = said(await migplan(project, ['drift', '--target', 'app'], elsewhere));
  expect(calm).not.toContain('No drift');
  expect(calm).toMatch(
    /vm\/app: the last apply was not recorded in this state folder; .*: run \w{12}, whose snapshot is of \S+Z/,
  );
  const told = said(await migplan(project, ['drift', '--target', 'cut', '-detailed-exitcode'], { ...elsewhere, exit: 2 }));
  expect(told).toMatch(/# vm\/cut has changed since run \w{12}, whose snapshot is of \S+Z, as the volumes tell/);
  expect(told).toContain(`~ vm/cut/disk/2001 capacity: ${8 * MiB} -> ${16 * MiB}`);
  expect(await changes('cut')).toEqual(expect.arrayContaining(['vm/cut/disk/2001 capacity', 'vm/cut/disk/2001 tracking_epoch']));
});

test('the VM is reverted to a snapshot', async () => {
  const { snapshots } = await bench.source.control.snapshots({ vm: 'app' });
  await bench.source.control.revertToSnapshot({ snapshot: snapshots[0]!.moref });
  expect(await drift('app', 2)).toMatch(/current_snapshot: \(none\) -> "snapshot-\d+"/);
});

test('cut over, and right after it nothing has changed', async () => {
  const server = 'target: {server: {flavor: m1.small, networks: [prod-lan]}}';
  await project.manifest('cut', manifestOf('cut', `${server}\nphase: cutover\nreseed: once\nshutdown: {timeout: 2m}`));
  await migplan(project, ['apply', '--auto-approve', '--allow-cutover', '--target', 'cut'], { env });
  expect(await bench.target.control.servers()).toHaveLength(1);
  expect(await drift('cut', 0)).toContain('No drift. 1 VM is as declared, and as its last apply left it.');
});

test('by hand, after the cutover: the source on, the server stopped, its volume and its metadata', async () => {
  await bench.source.control.setPower({ vm: 'cut', power: 'poweredOn' });
  const [server] = await bench.target.control.servers();
  await bench.target.control.giveServer(server!.id, { status: 'SHUTOFF' });
  const { metadata } = await bench.target.control.volumeNamed('cut-2000');
  await change('cut-2000', { metadata: { ...metadata, migplan: metadata['migplan']!.replace('s=converted', 's=clean') } });
  const found = await changes('cut');
  expect(found).toEqual(expect.arrayContaining(['vm/cut power', 'vm/cut/disk/2000 record.state', 'vm/cut/server status']));
  await change('cut-2000', { metadata });
  expect(await drift('cut', 2)).toContain('~ vm/cut/server status: "ACTIVE" -> "SHUTOFF"');
});

test('a state folder that was lost, long after the cutover: the source that runs is told all the same', async () => {
  await rename(join(project.folder, '.migplan'), join(project.folder, '.migplan.lost'));
  const told = await drift('cut', 2);
  expect(told).toMatch(/# vm\/cut has changed since run \w{12}, as the volumes tell/);
  expect(told).toContain('~ vm/cut power: "off" -> "on"');
});
