import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCli } from '../../lab/harness/cli.js';
import type { CloudServer, CloudVolume } from '../../lab/harness/cloud-control.js';
import { sameBytes } from '../../lab/harness/compare.js';
import { CONVERSION_HOST } from '../../lab/harness/leftovers.js';
import type { Planted } from '../../lab/harness/planted-server.js';
import { processesWith } from '../../lab/harness/processes.js';
import { scatteredDisk } from '../../lab/harness/scattered-disk.js';
import { TwoClouds } from '../../lab/harness/two-clouds.js';
import { until } from '../../lab/harness/until.js';
import { migplan, said } from './steps.js';

// An old cloud whose volumes can be reached only as disks of one of its servers, which is this machine: with loop devices where
// the kernel has them.
let clouds: TwoClouds;
let planted: Planted;
let asFound: readonly CloudVolume[];

beforeAll(async () => {
  clouds = await TwoClouds.open('nova');
  planted = await clouds.plant({
    name: 'legacy-app',
    volumes: [
      {
        name: 'root',
        sizeGiB: 1,
        fromFile: scatteredDisk(join(clouds.home, 'root.raw'), 1),
        imageMetadata: { hw_disk_bus: 'virtio' },
      },
      { name: 'data', sizeGiB: 1, fromFile: scatteredDisk(join(clouds.home, 'data.raw'), 2) },
    ],
  });
  asFound = await ownVolumes();
});
afterAll(() => clouds[Symbol.asyncDispose]());

const manifest = (spec: string): Promise<void> =>
  clouds.write(
    'manifests/legacy-app.yaml',
    `apiVersion: migplan.dev/v1alpha1\nkind: Migration\nmetadata: {name: legacy-app}\nspec:\n${spec.replace(/^/gm, '  ')}\n`,
  );

const rehearsal = (): Promise<void> =>
  manifest('source: {server: legacy-app, rehearsal: true}\nphase: cutover\nreseed: once\ntarget: {server: {}}');

const ownVolumes = async (): Promise<CloudVolume[]> =>
  (await clouds.old.control.volumes()).filter(({ id }) => planted.volumes.some((volume) => volume.id === id));

const clones = async (): Promise<CloudVolume[]> =>
  (await clouds.old.control.volumes()).filter(({ name }) => name.startsWith('migplan-'));

const server = async (): Promise<CloudServer> =>
  (await clouds.old.control.servers()).find(({ id }) => id === planted.id) ?? expect.unreachable('the server is gone');

async function expectCopies(): Promise<void> {
  for (const [index, { file }] of planted.volumes.entries()) {
    const copy = await clouds.target.control.volumeNamed(`legacy-app-${index}`);
    expect(await sameBytes(file, copy.file, 2 ** 30), copy.name).toBe(true);
  }
}

/** The server is as it was but for its power, and so are its volumes; nothing that was made to read them is left. */
async function expectAsFound(status: 'ACTIVE' | 'SHUTOFF'): Promise<void> {
  expect(await server()).toMatchObject({ status, volumeIds: planted.volumes.map(({ id }) => id) });
  expect(await ownVolumes()).toEqual(asFound);
  expect(await clouds.leftovers()).toEqual([]);
}

const isDirty = async (): Promise<boolean> =>
  (await clouds.target.control.volumes()).some(({ metadata }) => metadata['migplan']?.includes('s=dirty'));

describe('from an older cloud by way of its conversion host', () => {
  test('a quota that leaves no room for clones is found out before anything is begun', async () => {
    await rehearsal();
    const volumes = (await clouds.old.control.volumes()).length;
    await clouds.old.control.setQuota('demo', { volumes: volumes + 1 });
    const blocked = said(await migplan(clouds, ['plan', '--fail-on', 'blocked'], { exit: 1 }));
    expect(blocked).toContain('MP2019');
    expect(blocked).toContain('the plan needs 2 new volumes and the quota leaves 1');
    await clouds.old.control.setQuota('demo', { volumes: 50 });
  });

  test('room that somebody else takes meanwhile: MP4004, what to do, and nothing is left', async () => {
    await clouds.old.control.addFault({ method: 'POST', path: '/volumes$', do: { status: 413, message: 'VolumeLimitExceeded' } });
    const failed = said(await migplan(clouds, ['apply', '--auto-approve'], { exit: 6 }));
    await clouds.old.control.clearFaults();
    expect(failed).toContain('MP4004');
    expect(failed).toContain('one more volume of its size (1 GiB here)');
    await expectAsFound('ACTIVE');
  });

  test('killed while it copies, clones are left on the host; the next run removes them and gets it done', async () => {
    // The first record that says clean is held up: until then both disks are being copied, or wait to be said so.
    await clouds.target.control.addFault({
      service: 'volume',
      method: 'POST',
      path: '/metadata$',
      nth: 3,
      do: { delayMs: 60_000 },
    });
    const run = startCli(clouds, ['apply', '--auto-approve']);
    await until(
      'a clone to be read',
      async () => (await clones()).some(({ status }) => status === 'in-use') && (await isDirty()),
    );
    run.child.kill('SIGKILL');
    await run.finished;
    await until('what the killed run started to end', async () => {
      return (await processesWith(`MIGPLAN_LAB_PROJECT=${clouds.folder}`)).length === 0;
    });
    await clouds.target.control.clearFaults();
    expect(await clouds.leftovers()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^snapshot migplan-/),
        expect.stringMatching(/^clone migplan-.* is in-use$/),
      ]),
    );

    await migplan(clouds, ['apply', '--auto-approve']);
    await expectCopies();
    await expectAsFound('ACTIVE');
  });

  test('cutover: stopped, copied, final, and it boots in the new cloud', async () => {
    await manifest('source: {server: legacy-app}\nphase: cutover\nreseed: once\ntarget: {server: {}}');
    await migplan(clouds, ['apply', '--auto-approve', '--allow-cutover']);
    await expectCopies();
    const root = await clouds.target.control.volumeNamed('legacy-app-0');
    expect(root.metadata['converted']).toBe('true');
    expect(await clouds.target.control.servers()).toMatchObject([{ name: 'legacy-app', status: 'ACTIVE' }]);
    await expectAsFound('SHUTOFF');
  });

  test('the conversion host has what it had', async () => {
    const host = (await clouds.old.control.servers()).find(({ name }) => name === CONVERSION_HOST);
    expect(host).toMatchObject({ status: 'ACTIVE', volumeIds: [expect.any(String)] });
  });
});
