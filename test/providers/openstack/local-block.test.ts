import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HostDevice } from '../../../lab/harness/host-device.js';
import { volumeId } from '../../../src/model/ids.js';
import { claimLocalBlock } from '../../../src/providers/openstack/access/local-block.js';
import { refusalOf } from './refusal-of.js';
import { SimCloud } from './sim-cloud.js';

const site = { provider: 'prod', call: 'PUT /attachments/1' };
const id = '9a5db54d-0c1f-4c8e-9d51-3d4a8c0f6c11';
const name = `volume-${id}`;
let home: string;
let folder: string;
let outside: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'place-'));
  folder = join(home, 'volumes');
  outside = join(home, 'outside');
  await mkdir(join(folder, 'sub'), { recursive: true });
  await mkdir(outside);
  for (const path of [join(folder, name), join(folder, 'sub', name), join(outside, name), join(folder, 'passwd')])
    await writeFile(path, 'precious');
  await symlink(outside, join(folder, 'way-out'));
  await symlink(folder, join(home, 'alias'));
  await symlink(join(outside, name), join(folder, `${name}-link-out`));
  await symlink(join(folder, 'passwd'), join(folder, `${name}-link-other`));
  await symlink(join(folder, name), join(folder, `${name}-link-in`));
  await symlink('/dev/null', join(folder, `${name}-null`));
  await mkdir(join(folder, `${name}-folder`));
  await mkdir(join(home, 'volumes-of-others'));
  await writeFile(join(home, 'volumes-of-others', name), '');
});
afterAll(() => rm(home, { recursive: true }));

const claim = async (path: string, folders: readonly string[] | undefined = [folder]) => {
  const open = await claimLocalBlock(path, { folders, id }, site);
  await open.close();
  return open.block;
};

describe('a path that the cloud names', () => {
  test.each([
    ['in the folder', () => join(folder, name), () => join(folder, name)],
    ['deeper', () => join(folder, 'sub', name), () => join(folder, 'sub', name)],
    ['by way of a linked folder', () => join(home, 'alias', name), () => join(folder, name)],
    ['a link to the file itself', () => join(folder, `${name}-link-in`), () => join(folder, name)],
  ])('is opened %s', async (_name, path, resolved) => {
    expect(await claim(path())).toEqual({ driver: 'file', path: resolved() });
  });

  test.each([
    ['outside of the folders', () => join(outside, name), /which is below none of/],
    ['in a folder whose name begins alike', () => join(home, 'volumes-of-others', name), /which is below none of/],
    ['that climbs out', () => `${folder}/../outside/${name}`, /which is below none of/],
    ['through a linked folder that leads out', () => join(folder, 'way-out', name), /which is below none of/],
    ['that is a link out', () => join(folder, `${name}-link-out`), /which is below none of/],
    ['that is a link to a file of another name', () => join(folder, `${name}-link-other`), /whose name does not carry/],
    ['of another name', () => join(folder, 'passwd'), /whose name does not carry 9a5db54d/],
    ['that is a link to a character device', () => join(folder, `${name}-null`), /no file or block device/],
    ['that is a folder', () => join(folder, `${name}-folder`), /no file or block device/],
    ['that is not there', () => join(folder, `${name}-none`), /no file or block device/],
    ['that is not absolute', () => name, /no file or block device/],
    ['that is empty', () => '', /no file or block device/],
  ])('is refused %s', async (_name, path, expected) => {
    const { said, error } = await refusalOf(claim(path()));
    expect(said).toMatch(expected);
    expect(error.details.nextSteps?.length).toBeGreaterThan(0);
  });

  test('is refused when the Project names no folder', async () => {
    for (const folders of [undefined, []]) {
      const { said, error } = await refusalOf(claimLocalBlock(join(folder, name), { folders, id }, site));
      expect(said).toMatch(/^unsupported MP4013 .* names no folder for such volumes/);
      expect(error.details.nextSteps?.[0]).toContain('local: {folders: [');
    }
  });
});

test('a block device below /dev is opened exclusively: one that is in use is refused', async () => {
  await using device = await HostDevice.create(id, 1 << 20);
  const links = await mkdtemp('/dev/shm/place-');
  try {
    await symlink(device.path, join(links, name));
    if (device.kind === 'file') {
      // Without loop devices: a link from below /dev leads out to block devices only.
      expect((await refusalOf(claimLocalBlock(join(links, name), { folders: [links], id }, site))).said).toMatch(
        /which is below none/,
      );
      return;
    }
    const open = await claimLocalBlock(join(links, name), { folders: [links], id }, site);
    expect(open.block).toEqual({ driver: 'host_device', path: device.path });
    const second = claimLocalBlock(join(links, name), { folders: [links], id }, site);
    expect((await refusalOf(second)).said).toMatch(/^unsupported MP4013 .* is mounted or used by another program/);
    await open.close();
    await (await claimLocalBlock(join(links, name), { folders: [links], id }, site)).close();
  } finally {
    await rm(links, { recursive: true });
  }
});

test('a cloud that answers with any path of this machine overwrites nothing, and the volume is given back', async () => {
  await using cloud = await SimCloud.start();
  await using provider = await cloud.open();
  const volume = volumeId(cloud.sim.control.createVolume({ project: 'demo', sizeGiB: 1 }).id);
  const attachment = await provider.reserve(volume);
  const connection_info = { driver_volume_type: 'local', device_path: join(outside, name) };
  const answer = { status: 200, body: { attachment: { id: attachment, connection_info } } };
  cloud.sim.control.addFault({ service: 'volume', method: 'PUT', path: '/attachments/', do: answer });
  expect((await refusalOf(provider.connect(volume, attachment))).said).toMatch(/^unsupported MP4013 the cloud names/);
  await provider.release(attachment);
  expect(cloud.sim.control.volumes()[0]?.status).toBe('available');
  expect(await readFile(join(outside, name), 'utf8')).toBe('precious');
});
