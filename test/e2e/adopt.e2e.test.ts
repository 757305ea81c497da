import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BegunElsewhere, begunElsewhere } from '../../lab/harness/begun-elsewhere.js';
import { Bench } from '../../lab/harness/bench.js';
import { startCli } from '../../lab/harness/cli.js';
import type { CloudVolume } from '../../lab/harness/cloud-control.js';
import { effects, forgetCalls } from '../../lab/harness/effects.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { projectRoot } from '../../lab/harness/project-root.js';
import { firstDifference } from '../../lab/harness/same-bytes.js';
import { until } from '../../lab/harness/until.js';
import { savedPlan } from './saved-plan.js';
import { manifestOf, migplan, said } from './steps.js';

const MIB = 2 ** 20;
const DISK_MIB = 16;

type Tool = 'vmware-migration-kit' | 'migratekit';

interface Case {
  readonly vm: string;
  readonly tool: Tool;
  /** As the documents call it. */
  readonly state: string;
  readonly leftAs: BegunElsewhere['leftAs'];
  readonly otherVm?: string;
  /** After the tool's id was noted. */
  readonly since?: (vm: string) => Promise<unknown>;
  readonly imageMetadata?: Readonly<Record<string, string>>;
}

let bench: Bench;

const cases: readonly Case[] = [
  { vm: 'kit-complete', tool: 'vmware-migration-kit', state: 'complete', leftAs: 'complete' },
  { vm: 'kit-half', tool: 'vmware-migration-kit', state: 'its run died half-way; its id says complete', leftAs: 'half copied' },
  {
    vm: 'kit-reset',
    tool: 'vmware-migration-kit',
    state: 'complete, and tracking of the VM was reset since',
    leftAs: 'complete',
    since: (vm) => bench.source.control.resetCbt({ vm }),
  },
  {
    vm: 'kit-older',
    tool: 'vmware-migration-kit',
    state: 'complete, and the guest wrote 1 MiB since',
    leftAs: 'complete',
    since: (vm) => bench.source.control.guestWrite({ vm, offset: 2 * MIB, length: MIB, fill: { seed: 77 } }),
    imageMetadata: { hw_machine_type: 'q35', hw_firmware_type: 'uefi' },
  },
  { vm: 'mk-complete', tool: 'migratekit', state: 'complete', leftAs: 'complete' },
  {
    vm: 'mk-v2v',
    tool: 'migratekit',
    state: 'virt-v2v failed half-way; its id is from before',
    leftAs: 'half converted',
  },
  { vm: 'mk-empty', tool: 'migratekit', state: 'made, and nothing copied', leftAs: 'empty' },
  {
    vm: 'kit-other',
    tool: 'vmware-migration-kit',
    state: 'of another VM of the same name',
    leftAs: 'of another VM',
    otherVm: 'kit-complete',
  },
];
const OTHERS = ['mk-two', 'kit-killed', 'kit-stale', 'kit-limit'];

beforeAll(async () => {
  bench = await Bench.open({
    source: vcenter(
      [...cases.map(({ vm }) => vm), ...OTHERS].map((name) => ({
        name,
        disksMiB: name === 'mk-two' ? [8, 4] : [DISK_MIB],
        ...(name === 'kit-older' ? { firmware: 'efi' as const } : {}),
      })),
    ),
    target: simulatedCloud(),
  });
});
afterAll(() => bench[Symbol.asyncDispose]());

/** As the tool would have noted it right now. */
async function noted(tool: Tool, vm: string, diskKey: number): Promise<Record<string, string>> {
  const { moref, disks } = await bench.source.control.vm({ vm });
  const id = String(disks.find(({ key }) => key === diskKey)!.changeId);
  return tool === 'migratekit'
    ? { migrate_kit: 'true', vm: moref, disk: String(diskKey), change_id: id }
    : { osm: 'true', converted: 'false', changeID: id };
}

/** What each tool calls the volume of a disk. */
const nameOf = (tool: Tool, vm: string, diskKey: number): string =>
  tool === 'migratekit' ? `${vm}-42-${diskKey}` : `${vm}-${diskKey}`;

async function plant(one: Omit<Case, 'state'>, diskKey = 2000): Promise<CloudVolume> {
  const { vm, tool, leftAs, otherVm, since, imageMetadata } = one;
  const volume = await begunElsewhere(bench, bench.folder, {
    vm,
    diskKey,
    name: nameOf(tool, vm, diskKey),
    metadata: await noted(tool, vm, diskKey),
    leftAs,
    ...(otherVm && { otherVm }),
    ...(imageMetadata && { imageMetadata }),
  });
  await since?.(vm);
  return volume;
}

const volumeNow = async ({ id }: CloudVolume): Promise<CloudVolume> =>
  (await bench.target.control.volumes()).find((volume) => volume.id === id)!;

/** Byte for byte the snapshot that its own record names. */
async function expectIsDisk(volume: CloudVolume, diskKey: number): Promise<void> {
  const { metadata, file } = await volumeNow(volume);
  expect(metadata['migplan']).toContain('s=clean');
  const { imagePath, capacity } = await bench.source.control.frozenImage({ changeId: metadata['changeID'], diskKey } as never);
  expect(await firstDifference(imagePath, file, capacity)).toBeUndefined();
}

async function adopting(vm: string, more = ''): Promise<LabProject> {
  const project = await bench.project(vm, { limits: '{transfers: 2, batch: 4MiB}' });
  await project.manifest(vm, manifestOf(vm, `phase: sync\nadopt: true${more}`));
  return project;
}

interface Compared {
  readonly bytes: number;
  readonly repair_compared_bytes: number;
}

interface Line {
  readonly type: string;
  readonly hook?: Compared & { readonly resource: { readonly addr: string } };
  readonly diagnostic?: { readonly code: string; readonly address: string };
}

/** What an apply says of each disk that it compared, and the addresses of those of which most differed. */
async function applied(project: LabProject): Promise<{ synced: Map<string, Compared>; warned: string[] }> {
  const { stdout } = await migplan(project, ['apply', '--auto-approve', '--json']);
  const lines = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
  const synced = lines.flatMap(({ hook }) =>
    hook?.repair_compared_bytes === undefined ? [] : [[hook.resource.addr, hook] as const],
  );
  const warned = lines.flatMap(({ diagnostic }) => (diagnostic?.code === 'MP6008' ? [diagnostic.address] : []));
  return { synced: new Map(synced), warned };
}

/** Rows of the table in the documents: tool, state, MiB read from each side, MiB written. */
const measured = new Map<string, string>();
const inMiB = (bytes: number): string => (bytes / MIB).toFixed(1);

describe('volumes that other tools began', () => {
  const volumes = new Map<string, CloudVolume>();
  const vms = cases.map(({ vm }) => vm);
  let project: LabProject;
  const write = async (spec: string): Promise<void> => {
    for (const vm of vms) await project.manifest(vm, manifestOf(vm, spec));
  };

  beforeAll(async () => {
    for (const one of cases) volumes.set(one.vm, await plant(one));
    project = await bench.project('all', { limits: '{transfers: 2, batch: 1GiB}' });
  });

  test('are not touched, and what to write is said', async () => {
    await project.manifest('kit-complete', manifestOf('kit-complete', 'phase: sync'));
    await forgetCalls(bench);
    const refused = said(await migplan(project, ['plan', '--fail-on', 'blocked'], { exit: 1 }));
    expect(refused).toContain('set spec.adopt: true to take it over');
    expect(await effects(bench)).toEqual([]);
  });

  test('are taken over, each as far as it differs', async () => {
    await write('phase: sync\nadopt: true');
    const shown = said(await migplan(project, ['plan', '--detail', 'disk']));
    for (const tool of ['vmware-migration-kit (found by its name)', 'migratekit (found by the VM and disk in its metadata)'])
      expect(shown).toContain(`adopted from ${tool}: compared in full with the source, only what differs is written`);
    expect(shown).toContain(`reads ${DISK_MIB}.0 MiB on each side, writes ${DISK_MIB}.0 MiB at most`);
    const { synced, warned } = await applied(project);
    for (const { vm, tool, state, imageMetadata = {} } of cases) {
      const planted = volumes.get(vm)!;
      await expectIsDisk(planted, 2000);
      const now = await volumeNow(planted);
      expect(now.metadata).toMatchObject({
        osm: 'true',
        converted: 'false',
        ...(tool === 'migratekit' && { migrate_kit: 'false' }),
      });
      expect(now.name).toBe(planted.name);
      expect(now.imageMetadata).toMatchObject(imageMetadata);
      const { bytes, repair_compared_bytes: compared } = synced.get(`vm/${vm}/disk/2000`)!;
      expect(warned.includes(`vm/${vm}/disk/2000`), vm).toBe(bytes > compared / 2);
      measured.set(`${tool} | ${state}`, `${inMiB(compared)} MiB | ${inMiB(bytes)} MiB`);
    }
  });

  test('the table of the documents says what was measured', async () => {
    const page = await readFile(join(projectRoot, 'docs/adopt.md'), 'utf8');
    const rows = [...page.matchAll(/^\| ([^|]+ \| [^|]+) \| ([\d.]+ MiB \| [\d.]+ MiB) \|$/gm)].map(([, what, figures]) => [
      what,
      figures,
    ]);
    expect(rows, [...measured].map((row) => `| ${row.join(' | ')} |`).join('\n')).toEqual([...measured]);
  });

  test('are volumes like any other from then on', async () => {
    await write('phase: seed\nadopt: true');
    expect(said(await migplan(project, ['plan', '--detailed-exitcode']))).toContain('No changes');
    for (const vm of vms) await bench.source.control.guestWrite({ vm, offset: MIB, length: 64 * 1024, fill: { seed: 5 } });
    await write('phase: sync\nadopt: true');
    const text = said(await migplan(project, ['apply', '--auto-approve']));
    for (const vm of vms) {
      expect(text).toMatch(new RegExp(`vm/${vm}/disk/2000: delta is \\d`));
      await expectIsDisk(volumes.get(vm)!, 2000);
    }
  });
});

test('migratekit, two disks: both are taken over from one snapshot', async () => {
  const vm = 'mk-two';
  const one = { vm, tool: 'migratekit', leftAs: 'half copied' } as const;
  const [first, second] = [await plant(one, 2000), await plant(one, 2001)];
  const { synced } = await applied(await adopting(vm));
  expect(synced.size).toBe(2);
  await expectIsDisk(first, 2000);
  await expectIsDisk(second, 2001);
  const cycles = await Promise.all(
    [first, second].map(async (volume) => / n=(\d+)/.exec((await volumeNow(volume)).metadata['migplan']!)![1]),
  );
  expect(new Set(cycles).size).toBe(1);
});

test('killed in the middle: the tool’s id is gone, and the next run goes on comparing, also without the field', async () => {
  const vm = 'kit-killed';
  const volume = await plant({ vm, tool: 'vmware-migration-kit', leftAs: 'half converted' });
  const project = await adopting(vm);
  await bench.source.control.setVddk({ readDelayMs: 40 });
  const run = startCli(project, ['apply', '--auto-approve']);
  await until('a checkpoint', async () => {
    expect(run.child.exitCode, 'ended too early').toBeNull();
    return / p=\d/.test((await volumeNow(volume)).metadata['migplan'] ?? '');
  });
  run.child.kill('SIGKILL');
  await run.finished;
  await bench.source.control.setVddk({ readDelayMs: 0 });
  const { metadata } = await volumeNow(volume);
  expect(metadata).toMatchObject({ changeID: '', converted: 'false' });
  expect(metadata['migplan']).toMatch(/s=dirty i=- p=\d+@\S+ .* q=a /);

  await bench.source.control.guestWrite({ vm, offset: 0, length: 64 * 1024, fill: { seed: 9 } });
  await project.manifest(vm, manifestOf(vm, 'phase: sync'));
  expect(said(await migplan(project, ['plan', '--detail', 'disk']))).toMatch(
    /adopted: compared in full with the source, continued from/,
  );
  const { synced } = await applied(project);
  expect(synced.get(`vm/${vm}/disk/2000`)!.repair_compared_bytes).toBeLessThan(DISK_MIB * MIB);
  await expectIsDisk(volume, 2000);
});

test('a saved plan is for the volume as it was: converted by its tool since, it is refused and left alone', async () => {
  const vm = 'kit-stale';
  const volume = await plant({ vm, tool: 'vmware-migration-kit', leftAs: 'complete' });
  const project = await adopting(vm);
  await migplan(project, ['plan', '--out', 'plan.json']);
  expect(JSON.stringify(await savedPlan(project, 'plan.json'))).toContain(
    '"begunBy":{"tool":"vmware-migration-kit","foundBy":"name"}',
  );
  await bench.target.addMetadata(volume.id, { converted: 'true' });
  await forgetCalls(bench);
  const refused = said(await migplan(project, ['apply', 'plan.json'], { exit: 4 }));
  expect(refused).toContain('MP3003');
  expect(await effects(bench)).toEqual([]);
  expect(said(await migplan(project, ['plan', '--fail-on', 'blocked'], { exit: 1 }))).toContain(
    'was converted by vmware-migration-kit',
  );

  await bench.target.addMetadata(volume.id, { converted: 'false' });
  await migplan(project, ['apply', 'plan.json']);
  await expectIsDisk(volume, 2000);
});

test('more differs than the limit lets be written: it stops, and says what to look at', async () => {
  const vm = 'kit-limit';
  const volume = await plant({ vm, tool: 'vmware-migration-kit', leftAs: 'of another VM', otherVm: 'mk-complete' });
  const before = (await volumeNow(volume)).file;
  const project = await adopting(vm, '\nlimits: {adoption: 1MiB}');
  expect(said(await migplan(project, ['plan', '--detail', 'disk']))).toContain('limit 1.0 MiB');
  const stopped = said(await migplan(project, ['apply', '--auto-approve'], { exit: 6 }));
  expect(stopped).toContain('MP6008');
  expect(stopped).toContain('a tool that goes by names takes one VM for another of the same name');
  const { disks } = await bench.source.control.vm({ vm: 'mk-complete' });
  // Behind what was written by then it is the other VM's still.
  const rest = { offset: 8 * MIB, length: 8 * MIB };
  expect(await firstDifference(disks[0]!.imagePath, before, rest)).toBeUndefined();
  expect((await volumeNow(volume)).metadata).toMatchObject({ changeID: '', converted: 'false' });
});
