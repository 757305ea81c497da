import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { emulatedAppliance } from '../../lab/guests/emulated.js';
import { makeLinuxDisk } from '../../lab/guests/make.js';
import { Bench } from '../../lab/harness/bench.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { type RealTarget, realTarget } from '../../lab/harness/parts/real-target.js';
import { type Vcenter, vcenter } from '../../lab/harness/parts/vcenter.js';
import { until } from '../../lab/harness/until.js';
import { expectCopied, manifestOf, migplan, said } from '../e2e/steps.js';

// Goal: a real Linux guest of VMware ends at its login prompt in the cloud, on either machine type.
// Method: Debian 12 without virtio in its initramfs, the real virt-v2v, and what the guest says on its serial console. In a project
// of its own, since most of it is waiting for one emulated processor: other files are run meanwhile.
const LOGIN = 'debian12 login:';
/** Emulated processors, shared with all of the cloud: one minute where nothing else runs. */
const BOOTS_MS = 600_000;
const CONVERTS_MS = 1_200_000;
const env = emulatedAppliance;
let bench: Bench<Vcenter, RealTarget>;
let project: LabProject;

beforeAll(async () => {
  bench = await Bench.open({
    source: vcenter(async (folder) => {
      const images = join(folder, 'images');
      await mkdir(images);
      await makeLinuxDisk(join(images, 'debian.raw'));
      return [{ name: 'debian', disks: [{ content: { file: join(images, 'debian.raw') } }] }];
    }),
    target: realTarget('lab-other'),
  });
  project = await bench.project('debian', { limits: '{transfers: 2, batch: 64MiB}' });
}, CONVERTS_MS);

afterEach(async () => expect(await bench.leftovers()).toEqual([]));
afterAll(() => bench[Symbol.asyncDispose]());

const manifest = (phase: string, machineType: string) =>
  project.manifest(
    'debian',
    manifestOf(
      'debian',
      `phase: ${phase}\nhwMachineType: ${machineType}\nshutdown: {timeout: 2m}\ntarget: {server: {flavor: m1.small, networks: [other-net]}}`,
    ),
  );
const isOn = async () => (await bench.source.control.vm({ vm: 'debian' })).power === 'poweredOn';
const machineOf = (domain: string): string | undefined => /<type [^>]*machine='([^']*)'/.exec(domain)?.[1];

/** The machine and the console log of the one server there is, once it asks for a login. */
async function loggedInto(): Promise<{ machine: string | undefined; log: string }> {
  const [server, ...others] = await bench.target.cloud.servers();
  expect(others).toEqual([]);
  expect(server).toMatchObject({ name: 'debian', status: 'ACTIVE' });
  const log = await bench.target.cloud.consoleWith(server!.id, LOGIN, BOOTS_MS);
  return { machine: machineOf(await bench.target.cloud.domainOf(server!.id)), log };
}

/** Its port stays, since Nova did not make it: the next server gets the same, and with it the MAC. */
async function deleteServers(): Promise<void> {
  for (const { id } of await bench.target.cloud.servers()) await bench.target.cloud.call('compute', 'DELETE', `/servers/${id}`);
  await until('the server to be gone', async () => (await bench.target.cloud.servers()).length === 0);
  await until('its volume', async () => (await bench.target.cloud.volumeNamed('debian-2000')).status === 'available');
}

describe('a Debian guest', () => {
  test('is seeded while it runs on', async () => {
    await manifest('seed', 'pc');
    await migplan(project, ['apply', '--auto-approve']);
    await expectCopied(bench, 'debian', 2000);
    expect(await isOn()).toBe(true);
  });

  test('HW5, AC3: cut over to pc, it is converted and reaches its login prompt from virtio', {
    timeout: CONVERTS_MS,
  }, async () => {
    await manifest('cutover', 'pc');
    await migplan(project, ['plan', '--out', 'cutover.json']);
    await migplan(project, ['apply', 'cutover.json', '--allow-cutover'], { env });
    expect(await isOn()).toBe(false);
    expect((await bench.target.cloud.volumeNamed('debian-2000')).metadata['converted']).toBe('true');
    const { machine, log } = await loggedInto();
    expect(machine).toMatch(/^pc-i440fx-/);
    expect(log).toMatch(/virtio_blk .*\[vda\]/);
  });

  test('HW5, HW4: with the machine type overridden and its server deleted, the next one is q35', {
    timeout: CONVERTS_MS,
  }, async () => {
    const ports = (await bench.target.cloud.ports()).map(({ id }) => id);
    await deleteServers();
    await manifest('cutover', 'q35');
    expect(said(await migplan(project, ['plan', '--out', 'q35.json']))).toMatch(/hw_machine_type\s+= "pc" -> "q35"/);
    await migplan(project, ['apply', 'q35.json', '--allow-cutover'], { env });
    const { machine, log } = await loggedInto();
    expect(machine).toMatch(/^pc-q35-/);
    expect(log).toMatch(/virtio_blk .*\[vda\]/);
    expect((await bench.target.cloud.ports()).map(({ id }) => id)).toEqual(ports);
    expect(said(await migplan(project, ['plan', '--detailed-exitcode']))).toContain('No changes.');
  });
});
