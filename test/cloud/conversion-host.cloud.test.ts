import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeWindowsGuest, type WindowsGuest } from '../../lab/guests/make.js';
import { Bench } from '../../lab/harness/bench.js';
import { startCli } from '../../lab/harness/cli.js';
import { CloudConversionHost } from '../../lab/harness/cloud-conversion-host.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { leftHere } from '../../lab/harness/leftovers.js';
import { type RealTarget, realTarget } from '../../lab/harness/parts/real-target.js';
import { type Vcenter, vcenter } from '../../lab/harness/parts/vcenter.js';
import { until } from '../../lab/harness/until.js';
import { serverId } from '../../src/model/ids.js';
import { describeVolumeHolds } from '../conformance/target-provider.js';
import { expectCopied, manifestOf, migplan, said } from '../e2e/steps.js';
import { openLabCloud } from './open-lab-cloud.js';

// Goal: volumes are written as disks of a conversion host, and it gives all of them back.
// Method: a real Debian that Nova booted, with virtio serials and udev of its own, reached by ssh as an operator would. Bytes
// are compared behind migplan's back, in Ceph.
const MiB = 2 ** 20;
const DISKS = [2000, 2001, 2002, 2003];
let bench: Bench<Vcenter, RealTarget>;
let host: CloudConversionHost;
let guest: WindowsGuest;

beforeAll(async () => {
  bench = await Bench.open({
    source: vcenter(async (folder) => {
      // virt-v2v wants 100 MiB of it free.
      guest = await makeWindowsGuest(folder, { bytes: 112 * MiB });
      return [
        { name: 'wide', disksMiB: [16, 8, 8, 8], dataRatio: 0.8 },
        {
          name: 'win',
          ...guest.vm,
          disks: [
            { content: { file: guest.image } },
            { capacityBytes: 16 * MiB, content: { pattern: { seed: 7, dataRatio: 0.5 } } },
          ],
        },
      ];
    }),
    target: realTarget('lab-other'),
  });
  host = await CloudConversionHost.boot(bench.target.cloud, bench.folder);
}, 900_000);

afterEach(async () => {
  await control().setVddk({});
  expect(await bench.leftovers()).toEqual([]);
  expect(await leftOnHost()).toEqual([]);
});

afterAll(async () => {
  await host[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

const control = () => bench.source.control;
const recordOf = async (volume: string) =>
  (await bench.target.cloud.volumes()).find(({ name }) => name === volume)?.metadata['migplan'] ?? '';

/** Volumes still plugged in, and what runs or lies on the host that was not there before. */
async function leftOnHost(): Promise<string[]> {
  const seen = await host.run('pgrep --list-full "nbdkit|python3"; ls -d /tmp/migplan* 2>/dev/null; true');
  const plugged = (await host.plugged()).map(({ name }) => `volume ${name}`);
  return [...plugged.toSorted(), ...seen.split('\n').filter((line) => line !== '')];
}

describeVolumeHolds('disks of a real conversion host', async () => {
  const prefix = `suite-${randomBytes(4).toString('hex')}`;
  const socketFolder = await mkdtemp(join(tmpdir(), 'holds-'));
  const ssh = { host: host.address, configFile: host.sshConfig };
  return {
    provider: await openLabCloud(bench.target.cloud, 'lab-other', {
      access: { type: 'nova', server: host.name, ssh },
      socketFolder,
    }),
    prefix,
    flavor: 'm1.nano',
    network: 'other-net',
    volumeType: 'rbd',
    conversionHost: serverId(host.server),
    cleanUp: async ({ volumes }) => {
      for (const id of volumes) await bench.target.cloud.call('volumev3', 'DELETE', `/volumes/${id}`);
      await until('the suite’s volumes to be gone', async () =>
        (await bench.target.cloud.volumes()).every(({ name }) => !name.startsWith(prefix)),
      );
      await rm(socketFolder, { recursive: true });
    },
  };
});

test('doctor: the host is the server, and what it needs is there', async () => {
  const project = await bench.project('doctor', { access: host.access() });
  await project.manifest('wide', manifestOf('wide', 'phase: seed'));
  const told = said(await migplan(project, ['doctor', '--provider', 'rhoso-prod'], { env: guest.env }));
  for (const line of [
    /reached by ssh +yes, as root/,
    /is server conv +yes/,
    /may be opened +yes/,
    /links .* \/dev\/disk\/by-id/,
  ]) {
    expect(told).toMatch(new RegExp(`ok .*${line.source}`));
  }
});

test('four disks at the same time, kill -9: nothing goes on writing, and the next run converges', async () => {
  const project = await bench.project('wide', { access: host.access(), limits: '{transfers: 4, batch: 4MiB}' });
  await project.manifest('wide', manifestOf('wide', 'phase: seed'));
  await control().setVddk({ readDelayMs: 300 });
  const run = startCli(project, ['apply', '--auto-approve']);
  const ended = run.finished.then((result) => expect.unreachable(`it ended before:\n${said(result)}`));
  await Promise.race([until('four disks', async () => (await host.plugged()).length === DISKS.length), ended]);
  await Promise.race([until('a checkpoint', async () => (await recordOf('wide-2000')).includes(' p=')), ended]);
  ended.catch(() => undefined);
  run.child.kill('SIGKILL');
  await run.finished;
  await until('its processes to end', async () => (await leftHere(project)).every((left) => !left.startsWith('process')));
  await until('the host to have nothing but disks', async () =>
    (await leftOnHost()).every((left) => left.startsWith('volume wide-')),
  );
  expect((await host.plugged()).map(({ name }) => name)).toContain('wide-2000');

  await control().setVddk({});
  await control().guestRandomWrites({ vm: 'wide', seed: 9, count: 10, maxBytes: 131_072, zeroRatio: 0.3 });
  await migplan(project, ['apply', '--auto-approve']);
  await expectCopied(bench, 'wide', ...DISKS);
});

describe('a Windows VM with two disks', () => {
  let project: LabProject;
  beforeAll(async () => {
    project = await bench.project('win', { access: host.access(), limits: '{transfers: 2, batch: 64MiB}' });
  });

  test('is seeded, byte for byte', async () => {
    await project.manifest('win', manifestOf('win', 'phase: seed'));
    await migplan(project, ['apply', '--auto-approve'], { env: guest.env });
    await expectCopied(bench, 'win', 2000, 2001);
  });

  test('is cut over: deltas, virt-v2v on disks of the host, and the server runs from them', { timeout: 900_000 }, async () => {
    await control().guestWrite({ vm: 'win', diskKey: 2001, offset: 0, length: 2 * MiB, fill: { zero: true } });
    await control().guestWrite({ vm: 'win', diskKey: 2001, offset: 9 * MiB, length: MiB, fill: { seed: 14 } });
    const server = 'target: {server: {flavor: m1.tiny, networks: [other-net]}}';
    await project.manifest('win', manifestOf('win', `phase: cutover\nshutdown: {timeout: 2m}\n${server}`));
    await migplan(project, ['plan', '--out', 'cutover.json'], { env: guest.env });
    const told = said(await migplan(project, ['apply', 'cutover.json', '--allow-cutover'], { env: guest.env }));
    expect(told).toMatch(/disk\/2001: delta is 3(\.\d+)? MiB/);
    const [root, data] = [await bench.target.cloud.volumeNamed('win-2000'), await bench.target.cloud.volumeNamed('win-2001')];
    for (const { metadata } of [root, data]) expect(metadata['converted']).toBe('true');
    const servers = await bench.target.cloud.servers();
    expect(servers).toContainEqual(expect.objectContaining({ name: 'win', status: 'ACTIVE' }));

    const image = async (diskKey: number) => (await control().currentImage({ vm: 'win', diskKey } as never)).imagePath;
    expect(await bench.target.cloud.volumeEqualsFile(data.id, await image(2001))).toBe(true);
    expect(await bench.target.cloud.volumeEqualsFile(root.id, await image(2000))).toBe(false);
  });

  test('doctor: a host that is another server than the Project says', async () => {
    const other = await bench.project('other', { access: host.access('win') });
    await other.manifest('win', manifestOf('win', 'phase: seed'));
    const told = said(await migplan(other, ['doctor', '--provider', 'rhoso-prod'], { exit: 1, env: guest.env }));
    expect(told).toMatch(/FAIL .*is server win/);
    expect(told).toContain(`host ${host.address} is machine ${host.server}, server win is `);
  });
});
