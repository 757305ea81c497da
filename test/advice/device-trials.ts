import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { HostDevice } from '../../lab/harness/host-device.js';
import type { InspectionJob } from '../../src/contracts/converter.js';
import { ConvertError, nextStepsFor } from '../../src/convert/errors.js';
import { openConverter } from '../../src/convert/index.js';
import { systemClock } from '../../src/host/clock.js';
import { ProgramFinder } from '../../src/host/program.js';
import { diskKey, volumeId } from '../../src/model/ids.js';
import { claimLocalBlock } from '../../src/providers/openstack/access/local-block.js';
import { LocalDeviceHost } from '../../src/providers/openstack/access/local-device-host.js';
import { needsPreflight, openDataPlane } from '../../src/transfer/index.js';
import { exporterNextSteps } from '../../src/transfer/volume-export.js';
import { refused, stepOf, type Trial } from './tried.js';
import { readerOf } from './vddk-trials.js';

const MiB = 2 ** 20;
const id = '0a0b0c0d-1111-4222-8333-444455556666';
const site = { provider: 'prod', call: 'volume' };

const said = (command: string, env: NodeJS.ProcessEnv = {}): string =>
  execFileSync('sh', ['-c', `${command} 2>&1 || true`], { encoding: 'utf8', env: { ...process.env, ...env } });

async function inTemporary<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'advice-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const uses = 'See on <…> what uses it: lsblk <…>; give it free there, then run again.';

/** The device is mounted; then it is not. */
async function mounted(claim: (device: HostDevice) => Promise<{ close(): Promise<unknown> }>): Promise<void> {
  await using device = await HostDevice.create(id, 16 * MiB);
  // Without loop devices nothing can be mounted.
  expect(device.kind).toBe('loop');
  execFileSync('mkfs.ext4', ['-q', device.path]);
  await inTemporary(async (folder) => {
    execFileSync('mount', [device.path, folder]);
    try {
      const step = stepOf(await refused(() => claim(device)), uses);
      expect(said(/lsblk [^;]*/.exec(step)![0])).toContain(folder);
    } finally {
      execFileSync('umount', [folder]);
    }
    await (await claim(device)).close();
  });
}

const onConversionHost: Trial = {
  advice: uses,
  run: () =>
    mounted(async ({ byIdDir }) => {
      const host = new LocalDeviceHost({ byIdDir, sysDir: '/sys' }, systemClock);
      const expected = { volume: volumeId(id), size: 16 * MiB, encrypted: false };
      const claim = await host.claim(expected, { site, timeoutMs: 100 });
      return 'none' in claim ? expect.unreachable('there is no device') : claim;
    }),
};

const onStorageHost: Trial = {
  advice: uses,
  run: () =>
    mounted(async (device) => {
      const folder = await mkdtemp('/dev/shm/place-');
      try {
        await symlink(device.path, join(folder, `volume-${id}`));
        return await claimLocalBlock(join(folder, `volume-${id}`), { folders: [folder], id }, site);
      } finally {
        await rm(folder, { recursive: true });
      }
    }),
};

const stale: Trial = {
  advice: 'Look at it: lsblk -o NAME,SIZE,SERIAL <…>; restart the conversion host when it is stale.',
  run: async () => {
    await using device = await HostDevice.create(id, 16 * MiB);
    const host = new LocalDeviceHost({ byIdDir: device.byIdDir, sysDir: '/sys' }, systemClock);
    const claim = (size: number) => host.claim({ volume: volumeId(id), size, encrypted: false }, { site, timeoutMs: 100 });
    const step = stepOf(await refused(() => claim(32 * MiB)), stale.advice);
    expect(said(/lsblk [^;]*/.exec(step)![0])).toMatch(/NAME +SIZE +SERIAL\n\S+ +16M/);
    const held = await claim(16 * MiB);
    if ('none' in held) return expect.unreachable('there is no device');
    await held.close();
  },
};

/** No Ceph is here: the command says which of the two is missing. That it shows the image is for a cloud with Ceph. */
const rbd: Trial = {
  advice: 'Check <…> and the keyring of client.<…>: rbd --conf <…> --id <…> info <…>/<…>',
  run: () =>
    inTemporary(async (folder) => {
      const conf = join(folder, 'ceph.conf');
      const steps = exporterNextSteps({ driver: 'rbd', pool: 'volumes', image: 'volume-1', conf, user: 'cinder' });
      const command = /rbd --.*/.exec(stepOf(steps, rbd.advice))![0];
      expect(said(command)).toContain(`unable to open config file from search list ${conf}`);
      const keyring = join(folder, 'keyring');
      await writeFile(conf, `[global]\nmon_host = 127.0.0.1:1\nkeyring = ${keyring}\nclient_mount_timeout = 1\n`);
      expect(said(command)).toContain(`unable to find a keyring on ${keyring}`);
      execFileSync('ceph-authtool', ['--create-keyring', keyring, '--gen-key', '-n', 'client.cinder']);
      const found = said(command);
      expect(found).not.toContain('keyring');
      expect(found).toContain("couldn't connect to the cluster");
    }),
};

/** No vddk plugin is on Debian 12, built or not: one that is there stands in for the file of one that was built. */
const builtPlugin: Trial = {
  advice: 'elsewhere build nbdkit with its vddk plugin, and name the file as plugin: of the reader',
  run: () =>
    inTemporary(async (folder) => {
      const folders = execFileSync('nbdkit', ['--dump-config'], { encoding: 'utf8' });
      const file = join(/^plugindir=(.*)$/m.exec(folders)![1]!, 'nbdkit-file-plugin.so');
      await writeFile(join(folder, 'libvixDiskLib.so.8'), '');
      const check = async (words: string): Promise<readonly string[]> => {
        const { plugin = 'vddk' } = await readerOf(words);
        const library = { folder, name: 'libvixDiskLib.so' };
        const need = { kind: 'plugin', program: 'nbdkit', plugin, args: [], library } as const;
        const found = await needsPreflight(new ProgramFinder(), async () => folder)([need]);
        return found.flatMap(({ nextSteps = [] }) => nextSteps);
      };
      stepOf(await check(''), builtPlugin.advice);
      expect(await check(`, plugin: ${file}`)).toEqual([]);
    }),
};

const nowhere = { LIBGUESTFS_PATH: '/nowhere' };
/** On a machine whose KVM does not work as well. */
const emulated = { LIBGUESTFS_BACKEND_SETTINGS: 'force_tcg' };

/** What a failed conversion says to do. */
async function failed(work: () => Promise<unknown>): Promise<readonly string[]> {
  try {
    await work();
    return [];
  } catch (error) {
    if (error instanceof ConvertError) return error.details.nextSteps ?? [];
    throw error;
  }
}

/** One empty disk, and a converter whose appliance finds what this environment gives it. */
async function look(folder: string, env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  await using plane = openDataPlane({ runFolder: folder, clock: systemClock });
  const path = join(folder, 'volume');
  await writeFile(path, '');
  await truncate(path, MiB);
  const endpoint = await plane.openTarget({ driver: 'file', path }, MiB);
  const job: InspectionJob = { disks: [{ key: diskKey(2000), endpoint }] } as never;
  try {
    return await failed(() => openConverter({ env }).inspect(job));
  } finally {
    await endpoint.close();
  }
}

const tool = 'libguestfs-test-tool';
const startsNot = 'Run libguestfs-test-tool on the conversion host: its appliance does not start';
const takesLong =
  'Run on the conversion host: time libguestfs-test-tool (nearly all of it is its appliance, which should take seconds)';
const missing = 'Run libguestfs-test-tool on the conversion host: what it says first is what is missing';
const appliance: Trial = {
  advice: missing,
  run: () =>
    inTemporary(async (folder) => {
      await mkdir(join(folder, 'run'));
      stepOf(await look(join(folder, 'run'), nowhere), missing);
      stepOf(nextStepsFor('libguestfs error: guestfs_launch failed.') ?? [], startsNot);
      expect(said(tool, nowhere)).toContain('cannot find any suitable libguestfs supermin');
      const whole = said(`bash -c 'time ${tool}'`, emulated);
      expect(whole).toContain('TEST FINISHED OK');
      expect(whole).toMatch(/^real\t\d+m/m);
      await rm(join(folder, 'run'), { recursive: true });
      await mkdir(join(folder, 'run'));
      expect(await look(join(folder, 'run'), emulated)).toEqual([]);
    }),
};
/** virt-v2v's own check. What comes after it fails too, for want of an appliance, and in another way. */
const room: Trial = {
  advice: 'Free at least 1 GiB in that folder of the conversion host, or set VIRT_V2V_TMPDIR to a larger place',
  run: () =>
    inTemporary(async (folder) => {
      const small = join(folder, 'small');
      await mkdir(small);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=20m', 'tmpfs', small]);
      try {
        await using plane = openDataPlane({ runFolder: folder, clock: systemClock });
        await writeFile(join(folder, 'volume'), '');
        await truncate(join(folder, 'volume'), MiB);
        const endpoint = await plane.openTarget({ driver: 'file', path: join(folder, 'volume') }, MiB);
        const disks = [{ key: diskKey(2000), endpoint, overlay: join(small, 'overlay') }];
        const job = { name: 'guest', firmware: 'bios', guestFamily: 'linux', root: '/dev/sda1', disks } as const;
        const convert = (env: Readonly<Record<string, string>>) => (): Promise<unknown> =>
          openConverter({ env: { ...nowhere, ...env } }).convert({ ...job, folder: small });
        stepOf(await failed(convert({})), room.advice);
        stepOf(await failed(convert({ VIRT_V2V_TMPDIR: folder })), startsNot);
        await endpoint.close();
      } finally {
        execFileSync('umount', [small]);
      }
    }),
};

/** Shown with the one above, which starts the appliance once for all of them. */
const elsewhere = [startsNot, takesLong].map(
  (advice): Trial => ({ advice, run: () => expect(said(`${tool} --version`)).toMatch(/^libguestfs-test-tool \d/) }),
);

export const deviceTrials: readonly Trial[] = [
  onConversionHost,
  onStorageHost,
  stale,
  rbd,
  builtPlugin,
  appliance,
  room,
  ...elsewhere,
];
