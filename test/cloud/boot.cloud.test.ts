import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BOOT_LINE, makeBootDisk } from '../../lab/harness/boot-guest.js';
import { emptyCloud } from '../../lab/harness/empty-cloud.js';
import { RealCloud } from '../../lab/harness/real-cloud.js';
import { until } from '../../lab/harness/until.js';
import type { DiskReader } from '../../src/contracts/disk-reader.js';
import type { TargetProvider } from '../../src/contracts/target-provider.js';
import { systemClock } from '../../src/host/clock.js';
import { openRunFolder } from '../../src/host/run-folder.js';
import type { VolumeId } from '../../src/model/ids.js';
import { openDataPlane } from '../../src/transfer/index.js';
import { refusalOf } from '../providers/openstack/refusal-of.js';
import { openLabCloud } from './open-lab-cloud.js';

// Goal: what our data plane writes to a volume boots, on the machine type that we ask for.
// Method: a guest of one sector that says a line on its serial console, and libvirt's own description of the machine.
const BYTES = 4 * 2 ** 20;
const BOOTS_MS = 60_000;
let cloud: RealCloud;
let folder: string;
let provider: TargetProvider;

beforeAll(async () => {
  cloud = await RealCloud.open();
  await emptyCloud(cloud);
  folder = await mkdtemp(join(tmpdir(), 'boot-'));
  await makeBootDisk(join(folder, 'guest.raw'), BYTES);
  provider = await openLabCloud(cloud, 'lab');
});

afterAll(async () => {
  await provider[Symbol.asyncDispose]();
  await emptyCloud(cloud);
  await rm(folder, { recursive: true });
});

/** A bootable volume that was written as a seed writes one: held, through the data plane, from nbdkit. */
async function writtenVolume(name: string): Promise<VolumeId> {
  const { id } = await provider.createVolume({ name, sizeGiB: 1, type: 'rbd', metadata: {} });
  const attachment = await provider.reserve(id);
  const { block } = await provider.connect(id, attachment);
  await using run = await openRunFolder();
  await using plane = openDataPlane({ runFolder: run.path, clock: systemClock });
  const reader: DiskReader = {
    program: 'nbdkit',
    plugin: 'file',
    args: [`file=${join(folder, 'guest.raw')}`],
    secrets: [],
    requestBytesMax: 2 ** 21,
    connections: 2,
  };
  const source = await plane.openSource(reader, BYTES);
  const target = await plane.openTarget(block, BYTES);
  const extents = await plane.nonZeroExtents(source);
  await plane.copy({ source, target, extents, skipZeroes: true, requestBytesMax: 2 ** 21, connections: 2 });
  await target.close();
  await source.close();
  await provider.release(attachment);
  await provider.setBootable(id, true);
  return id;
}

const boot = (name: string, volume: VolumeId) =>
  provider.createServer({
    name,
    flavor: 'm1.nano',
    ports: [],
    volumes: [volume],
    metadata: { 'boot.name': name },
    identityKey: 'boot.name',
  });

const machineOf = (domain: string): string | undefined => /<type [^>]*machine='([^']*)'/.exec(domain)?.[1];

describe('a volume written by the data plane', () => {
  test.each([
    ['HW5', 'pc', { hw_machine_type: 'pc' }, 'pc-i440fx-7.2'],
    ['HW5', 'q35', { hw_machine_type: 'q35' }, 'pc-q35-7.2'],
    ['HW5', 'an exact version', { hw_machine_type: 'pc-q35-6.2' }, 'pc-q35-6.2'],
    ['HW6', 'no machine type', {}, 'pc-i440fx-7.2'],
  ] as const)('%s: boots with %s', async (id, what, set, machine) => {
    const name = `${id}-${what}`.replaceAll(' ', '-');
    const volume = await writtenVolume(name);
    expect(await cloud.watchers(volume)).toEqual([]);
    expect(await cloud.volumeEqualsFile(volume, join(folder, 'guest.raw'))).toBe(true);
    await provider.writeImageMetadata(volume, { set, unset: [] });
    expect((await cloud.volumeNamed(name)).imageMetadata).toEqual(set);

    const server = await boot(name, volume);
    expect(server.status).toBe('ACTIVE');
    await until('the line on the console', async () => (await cloud.consoleOf(server.id)).includes(BOOT_LINE), BOOTS_MS);
    const domain = await cloud.domainOf(server.id);
    expect(machineOf(domain)).toBe(machine);
    expect(domain).toContain(`<serial>${volume}</serial>`);
  });

  test('HW7: a machine type that no host supports ends in an error that says where to look', async () => {
    const volume = await writtenVolume('unsupported');
    await provider.writeImageMetadata(volume, { set: { hw_machine_type: 'pc-i440fx-99.9' }, unset: [] });
    const { error } = await refusalOf(boot('unsupported', volume));
    expect(error.details).toMatchObject({ kind: 'failed', code: 'MP4008' });
    expect(error.details.nextSteps?.join()).toContain('hwMachineType: pc or q35');
    // Corrected, the same request replaces the server in ERROR.
    await provider.writeImageMetadata(volume, { set: { hw_machine_type: 'pc' }, unset: [] });
    const server = await boot('unsupported', volume);
    await until('the line on the console', async () => (await cloud.consoleOf(server.id)).includes(BOOT_LINE), BOOTS_MS);
    expect((await cloud.servers()).filter(({ name }) => name === 'unsupported')).toHaveLength(1);
  });
});
