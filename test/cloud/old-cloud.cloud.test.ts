import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeDataDisk } from '../../lab/guests/make.js';
import { Bench } from '../../lab/harness/bench.js';
import { BOOT_LINE, makeBootDisk } from '../../lab/harness/boot-guest.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { type RealOldCloud, realOldCloud } from '../../lab/harness/parts/real-old-cloud.js';
import { type RealTarget, realTarget } from '../../lab/harness/parts/real-target.js';
import type { Planted } from '../../lab/harness/planted-server.js';
import { until } from '../../lab/harness/until.js';
import { migplan, said } from '../e2e/steps.js';

// From an older OpenStack cloud into a new one: project old plays the older one, with volumes of its own type in a pool of its
// own. Its server runs on an older machine type than new servers would get.
const MiB = 2 ** 20;
const TYPE = 'pc-i440fx-6.2';
/** Addresses of the old network do not exist in the new one. */
const TARGET = 'target: {server: {networks: [demo-net]}}';
const MAC = '00:50:56:cc:00:01';
let bench: Bench<RealOldCloud, RealTarget>;
let project: LabProject;
let planted: Planted;

beforeAll(async () => {
  bench = await Bench.open({ source: realOldCloud(), target: realTarget() });
  project = await bench.project('project');
  const [root, data] = [join(bench.folder, 'root.raw'), join(bench.folder, 'data.raw')];
  await makeBootDisk(root, 4 * MiB);
  await makeDataDisk(data, { bytes: 16 * MiB, seed: 3, filledOfEight: 5 });
  planted = await bench.source.plant({
    name: 'legacy',
    mac: MAC,
    volumes: [
      { name: 'root', sizeGiB: 1, fromFile: root, imageMetadata: { hw_machine_type: TYPE, hw_disk_bus: 'virtio' } },
      { name: 'data', sizeGiB: 1, fromFile: data },
    ],
  });
});

afterAll(() => bench[Symbol.asyncDispose]());

async function expectCopies(): Promise<void> {
  for (const [index, { file }] of planted.volumes.entries()) {
    const { id } = await bench.target.cloud.volumeNamed(`legacy-${index}`);
    expect(await bench.target.cloud.volumeEqualsFile(id, file), `legacy-${index}`).toBe(true);
  }
}

const machineOf = (domain: string): string | undefined => /<type [^>]*machine='([^']*)'/.exec(domain)?.[1];

test('HW1, HW2: export reads the machine type from the server of the old cloud into manifest and workloads file', async () => {
  await migplan(project, ['export', '--provider', 'rhosp13', '--out', 'manifests']);
  const path = join(project.folder, 'manifests/legacy.yaml');
  expect(await readFile(path, 'utf8')).toContain(`hwMachineType: ${TYPE}`);
  await migplan(project, ['validate']);
  await rm(path);
  await migplan(project, ['export', '--provider', 'rhosp13', '--format', 'os-migrate', '--out', '.']);
  expect(await readFile(join(project.folder, 'workloads.yml'), 'utf8')).toContain(TYPE);
  expect(said(await migplan(project, ['import', 'workloads.yml', '--provider', 'rhosp13']))).toContain(`hwMachineType: ${TYPE}`);
});

test('HW2: a machine type that no volume and no image records is read from an image that Nova makes of the server', async () => {
  const plain = await bench.source.plant({
    name: 'plain',
    volumes: [{ name: 'plain', sizeGiB: 1, fromFile: planted.volumes[0]!.file }],
  });
  const images = async () =>
    (await bench.source.cloud.call('image', 'GET', '/v2/images')).body.images.map(({ id }: { id: string }) => id);
  const before = await images();
  try {
    const deep = await migplan(project, ['export', '--provider', 'rhosp13', '--server', 'plain', '--deep']);
    // What the hypervisor made of it, pc-i440fx-7.2 here, is not what Nova keeps.
    expect(deep.stdout).toMatch(/hwMachineType: pc\n/);
    expect(machineOf(await bench.source.cloud.domainOf(plain.id))).toMatch(/^pc-i440fx-/);
    expect(await images()).toEqual(before);
    expect(await bench.leftovers()).toEqual([]);
    expect(await bench.source.cloud.servers()).toContainEqual(expect.objectContaining({ name: 'plain', status: 'ACTIVE' }));
  } finally {
    await bench.source.cloud.call('compute', 'DELETE', `/servers/${plain.id}`);
    await until('the server to be gone', async () => (await bench.source.cloud.servers()).length === 1);
    // Its port was not made by Nova, which leaves it.
    const ports = (await bench.source.cloud.ports()).filter(({ device_id }) => device_id === '');
    for (const { id } of ports) await bench.source.cloud.call('network', 'DELETE', `/v2.0/ports/${id}`);
  }
});

test('a rehearsal copies the running server, and leaves it as it was', async () => {
  await project.manifest('legacy', `source: {server: legacy, rehearsal: true}\nphase: cutover\n${TARGET}`);
  await migplan(project, ['plan', '--out', 'rehearsal.json']);
  await migplan(project, ['apply', 'rehearsal.json']);
  await expectCopies();
  expect(await bench.source.cloud.servers()).toMatchObject([{ name: 'legacy', status: 'ACTIVE' }]);
  expect(await bench.target.cloud.servers()).toEqual([]);
  expect(await bench.leftovers()).toEqual([]);
});

test('HW2, HW3, HW5: the cutover stops it, copies it, and boots it on the legacy i440fx machine type it had', async () => {
  await project.manifest('legacy', `source: {server: legacy}\nphase: cutover\nreseed: once\n${TARGET}`);
  await migplan(project, ['plan', '--out', 'cutover.json']);
  await migplan(project, ['apply', 'cutover.json', '--allow-cutover']);
  expect(await bench.source.cloud.servers()).toMatchObject([{ name: 'legacy', status: 'SHUTOFF' }]);
  await expectCopies();
  const { id, imageMetadata, metadata } = await bench.target.cloud.volumeNamed('legacy-0');
  expect(imageMetadata).toEqual({ hw_machine_type: TYPE, hw_disk_bus: 'virtio' });
  expect(metadata['converted']).toBe('true');

  const [made, ...others] = await bench.target.cloud.servers();
  expect(others).toEqual([]);
  expect(made).toMatchObject({ name: 'legacy', status: 'ACTIVE' });
  const domain = await bench.target.cloud.domainOf(made!.id);
  expect(machineOf(domain)).toBe(TYPE);
  expect(domain).toContain(MAC);
  expect(domain).toContain(`<serial>${id}</serial>`);
  await until('the line on the console', async () => (await bench.target.cloud.consoleOf(made!.id)).includes(BOOT_LINE));
  expect(await bench.leftovers()).toEqual([]);
  expect(said(await migplan(project, ['plan', '--detailed-exitcode']))).toContain('Volume already converted');
});
