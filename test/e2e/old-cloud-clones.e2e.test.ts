import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { startCli } from '../../lab/harness/cli.js';
import type { CloudServer, CloudVolume } from '../../lab/harness/cloud-control.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { type OldCloud, oldCloudByHost } from '../../lab/harness/parts/old-cloud.js';
import { CONVERSION_HOST, type SimulatedCloud, simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import type { Planted } from '../../lab/harness/planted-server.js';
import { processesWith } from '../../lab/harness/processes.js';
import { sameBytes } from '../../lab/harness/same-bytes.js';
import { scatteredDisk } from '../../lab/harness/scattered-disk.js';
import { until } from '../../lab/harness/until.js';
import { migplan, said } from './steps.js';

// An old cloud whose volumes can be reached only as disks of one of its servers, which is this machine: with loop devices where
// the kernel has them.
let bench: Bench<OldCloud, SimulatedCloud>;
let project: LabProject;
let planted: Planted;
let asFound: readonly CloudVolume[];

beforeAll(async () => {
  bench = await Bench.open({ source: oldCloudByHost(), target: simulatedCloud() });
  project = await bench.project('project', { limits: '{transfers: 2, batch: 64MiB}' });
  planted = await bench.source.plant({
    name: 'legacy-app',
    volumes: [
      {
        name: 'root',
        sizeGiB: 1,
        fromFile: scatteredDisk(join(bench.folder, 'root.raw'), 1),
        imageMetadata: { hw_disk_bus: 'virtio' },
      },
      { name: 'data', sizeGiB: 1, fromFile: scatteredDisk(join(bench.folder, 'data.raw'), 2) },
    ],
  });
  asFound = await ownVolumes();
});
afterAll(() => bench[Symbol.asyncDispose]());

const manifest = (spec: string): Promise<void> => project.manifest('legacy-app', spec);

const rehearsal = (): Promise<void> =>
  manifest('source: {server: legacy-app, rehearsal: true}\nphase: cutover\nreseed: once\ntarget: {server: {}}');

const ownVolumes = async (): Promise<CloudVolume[]> =>
  (await bench.source.control.volumes()).filter(({ id }) => planted.volumes.some((volume) => volume.id === id));

const clones = async (): Promise<CloudVolume[]> =>
  (await bench.source.control.volumes()).filter(({ name }) => name.startsWith('migplan-'));

const server = async (): Promise<CloudServer> =>
  (await bench.source.control.servers()).find(({ id }) => id === planted.id) ?? expect.unreachable('the server is gone');

async function expectCopies(): Promise<void> {
  for (const [index, { file }] of planted.volumes.entries()) {
    const copy = await bench.target.control.volumeNamed(`legacy-app-${index}`);
    expect(await sameBytes(file, copy.file, 2 ** 30), copy.name).toBe(true);
  }
}

/** The server is as it was but for its power, and so are its volumes; nothing that was made to read them is left. */
async function expectAsFound(status: 'ACTIVE' | 'SHUTOFF'): Promise<void> {
  expect(await server()).toMatchObject({ status, volumeIds: planted.volumes.map(({ id }) => id) });
  expect(await ownVolumes()).toEqual(asFound);
  expect(await bench.leftovers()).toEqual([]);
}

const isDirty = async (): Promise<boolean> =>
  (await bench.target.control.volumes()).some(({ metadata }) => metadata['migplan']?.includes('s=dirty'));

describe('from an older cloud by way of its conversion host', () => {
  test('a quota that leaves no room for clones is found out before anything is begun', async () => {
    await rehearsal();
    const volumes = (await bench.source.control.volumes()).length;
    await bench.source.control.setQuota('demo', { volumes: volumes + 1 });
    const blocked = said(await migplan(project, ['plan', '--fail-on', 'blocked'], { exit: 1 }));
    expect(blocked).toContain('MP2019');
    expect(blocked).toContain('the plan needs 2 new volumes and the quota leaves 1');
    await bench.source.control.setQuota('demo', { volumes: 50 });
  });

  test('room that somebody else takes meanwhile: MP4004, what to do, and nothing is left', async () => {
    await bench.source.control.addFault({
      method: 'POST',
      path: '/volumes$',
      do: { status: 413, message: 'VolumeLimitExceeded' },
    });
    const failed = said(await migplan(project, ['apply', '--auto-approve'], { exit: 6 }));
    await bench.source.control.clearFaults();
    expect(failed).toContain('MP4004');
    expect(failed).toContain('one more volume of its size (1 GiB here)');
    await expectAsFound('ACTIVE');
  });

  test('killed while it copies, clones are left on the host; the next run removes them and gets it done', async () => {
    // The first record that says clean is held up: until then both disks are being copied, or wait to be said so.
    await bench.target.control.addFault({
      service: 'volume',
      method: 'POST',
      path: '/metadata$',
      nth: 3,
      do: { delayMs: 60_000 },
    });
    const run = startCli(project, ['apply', '--auto-approve']);
    await until(
      'a clone to be read',
      async () => (await clones()).some(({ status }) => status === 'in-use') && (await isDirty()),
    );
    run.child.kill('SIGKILL');
    await run.finished;
    await until('what the killed run started to end', async () => {
      return (await processesWith(project.marker)).length === 0;
    });
    await bench.target.control.clearFaults();
    expect(await bench.leftovers()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^snapshot migplan-/),
        expect.stringMatching(/^clone migplan-.* is in-use$/),
      ]),
    );

    await migplan(project, ['apply', '--auto-approve']);
    await expectCopies();
    await expectAsFound('ACTIVE');
  });

  test('cutover: stopped, copied, final, and it boots in the new cloud', async () => {
    await manifest('source: {server: legacy-app}\nphase: cutover\nreseed: once\ntarget: {server: {}}');
    await migplan(project, ['apply', '--auto-approve', '--allow-cutover']);
    await expectCopies();
    const root = await bench.target.control.volumeNamed('legacy-app-0');
    expect(root.metadata['converted']).toBe('true');
    expect(await bench.target.control.servers()).toMatchObject([{ name: 'legacy-app', status: 'ACTIVE' }]);
    await expectAsFound('SHUTOFF');
  });

  test('the conversion host has what it had', async () => {
    const host = (await bench.source.control.servers()).find(({ name }) => name === CONVERSION_HOST);
    expect(host).toMatchObject({ status: 'ACTIVE', volumeIds: [expect.any(String)] });
  });
});
