import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeDataDisk } from '../../lab/guests/make.js';
import { BOOT_LINE, makeBootDisk } from '../../lab/harness/boot-guest.js';
import type { Planted } from '../../lab/harness/planted-server.js';
import { TwoRealClouds } from '../../lab/harness/two-real-clouds.js';
import { until } from '../../lab/harness/until.js';
import { migplan, said } from '../e2e/steps.js';

// From an older OpenStack cloud into a new one: project old plays the older one, with volumes of its own type in a pool of its
// own. Its server runs on an older machine type than new servers would get.
const MiB = 2 ** 20;
const TYPE = 'pc-i440fx-6.2';
/** Addresses of the old network do not exist in the new one. */
const TARGET = 'target: {server: {networks: [demo-net]}}';
const MAC = '00:50:56:cc:00:01';
let clouds: TwoRealClouds;
let planted: Planted;

beforeAll(async () => {
  clouds = await TwoRealClouds.open();
  const [root, data] = [join(clouds.home, 'root.raw'), join(clouds.home, 'data.raw')];
  await makeBootDisk(root, 4 * MiB);
  await makeDataDisk(data, { bytes: 16 * MiB, seed: 3, filledOfEight: 5 });
  planted = await clouds.plant({
    name: 'legacy',
    mac: MAC,
    volumes: [
      { name: 'root', sizeGiB: 1, fromFile: root, imageMetadata: { hw_machine_type: TYPE, hw_disk_bus: 'virtio' } },
      { name: 'data', sizeGiB: 1, fromFile: data },
    ],
  });
});

afterAll(() => clouds[Symbol.asyncDispose]());

async function expectCopies(): Promise<void> {
  for (const [index, { file }] of planted.volumes.entries()) {
    const { id } = await clouds.target.volumeNamed(`legacy-${index}`);
    expect(await clouds.target.volumeEqualsFile(id, file), `legacy-${index}`).toBe(true);
  }
}

const machineOf = (domain: string): string | undefined => /<type [^>]*machine='([^']*)'/.exec(domain)?.[1];

test('HW1, HW2: export reads the machine type from the server of the old cloud into manifest and workloads file', async () => {
  await migplan(clouds, ['export', '--provider', 'rhosp13', '--out', 'manifests']);
  const path = join(clouds.folder, 'manifests/legacy.yaml');
  expect(await readFile(path, 'utf8')).toContain(`hwMachineType: ${TYPE}`);
  await migplan(clouds, ['validate']);
  await rm(path);
  await migplan(clouds, ['export', '--provider', 'rhosp13', '--format', 'os-migrate', '--out', '.']);
  expect(await readFile(join(clouds.folder, 'workloads.yml'), 'utf8')).toContain(TYPE);
  expect(said(await migplan(clouds, ['import', 'workloads.yml', '--provider', 'rhosp13']))).toContain(`hwMachineType: ${TYPE}`);
});

test('HW2: a machine type that no volume and no image records is read from an image that Nova makes of the server', async () => {
  const plain = await clouds.plant({
    name: 'plain',
    volumes: [{ name: 'plain', sizeGiB: 1, fromFile: planted.volumes[0]!.file }],
  });
  const images = async () =>
    (await clouds.old.call('image', 'GET', '/v2/images')).body.images.map(({ id }: { id: string }) => id);
  const before = await images();
  try {
    const deep = await migplan(clouds, ['export', '--provider', 'rhosp13', '--server', 'plain', '--deep']);
    // What the hypervisor made of it, pc-i440fx-7.2 here, is not what Nova keeps.
    expect(deep.stdout).toMatch(/hwMachineType: pc\n/);
    expect(machineOf(await clouds.old.domainOf(plain.id))).toMatch(/^pc-i440fx-/);
    expect(await images()).toEqual(before);
    expect(await clouds.leftovers()).toEqual([]);
    expect(await clouds.old.servers()).toContainEqual(expect.objectContaining({ name: 'plain', status: 'ACTIVE' }));
  } finally {
    await clouds.old.call('compute', 'DELETE', `/servers/${plain.id}`);
    await until('the server to be gone', async () => (await clouds.old.servers()).length === 1);
    // Its port was not made by Nova, which leaves it.
    const ports = (await clouds.old.ports()).filter(({ device_id }) => device_id === '');
    for (const { id } of ports) await clouds.old.call('network', 'DELETE', `/v2.0/ports/${id}`);
  }
});

test('a rehearsal copies the running server, and leaves it as it was', async () => {
  await clouds.manifest('legacy', `source: {server: legacy, rehearsal: true}\nphase: cutover\n${TARGET}`);
  await migplan(clouds, ['plan', '--out', 'rehearsal.json']);
  await migplan(clouds, ['apply', 'rehearsal.json']);
  await expectCopies();
  expect(await clouds.old.servers()).toMatchObject([{ name: 'legacy', status: 'ACTIVE' }]);
  expect(await clouds.target.servers()).toEqual([]);
  expect(await clouds.leftovers()).toEqual([]);
});

test('HW2, HW3, HW5: the cutover stops it, copies it, and boots it on the legacy i440fx machine type it had', async () => {
  await clouds.manifest('legacy', `source: {server: legacy}\nphase: cutover\nreseed: once\n${TARGET}`);
  await migplan(clouds, ['plan', '--out', 'cutover.json']);
  await migplan(clouds, ['apply', 'cutover.json', '--allow-cutover']);
  expect(await clouds.old.servers()).toMatchObject([{ name: 'legacy', status: 'SHUTOFF' }]);
  await expectCopies();
  const { id, imageMetadata, metadata } = await clouds.target.volumeNamed('legacy-0');
  expect(imageMetadata).toEqual({ hw_machine_type: TYPE, hw_disk_bus: 'virtio' });
  expect(metadata['converted']).toBe('true');

  const [made, ...others] = await clouds.target.servers();
  expect(others).toEqual([]);
  expect(made).toMatchObject({ name: 'legacy', status: 'ACTIVE' });
  const domain = await clouds.target.domainOf(made!.id);
  expect(machineOf(domain)).toBe(TYPE);
  expect(domain).toContain(MAC);
  expect(domain).toContain(`<serial>${id}</serial>`);
  await until('the line on the console', async () => (await clouds.target.consoleOf(made!.id)).includes(BOOT_LINE));
  expect(await clouds.leftovers()).toEqual([]);
  expect(said(await migplan(clouds, ['plan', '--detailed-exitcode']))).toContain('Volume already converted');
});
