import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Converter } from '../../src/contracts/converter.js';
import { ConvertError, nextStepsFor } from '../../src/convert/errors.js';
import { windowsPreflight } from '../../src/convert/preflight.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import type { Workshop } from '../apply/workshop.js';
import { inFolder } from '../manifest/in-folder.js';
import * as s from '../plan/plan-fixture.js';
import { type ApplyTrial, applyTrial } from './apply-trial.js';
import { desiredOf, type Spec } from './plan-trial.js';
import { found, gone } from './target-world.js';
import { stepOf, type Trial } from './tried.js';

/**
 * What is done inside of a guest is not done here: Windows is not. Shown is that migplan goes on when the disks say that it
 * was done; that it reads them rightly is shown on real NTFS, LUKS and boot sectors in test/convert.
 */
const cutover = { phase: 'cutover' };
const windows = { ...cutover, guestFamily: 'windows' };
const system = { root: '/dev/sda1', family: 'windows', name: 'Windows', disks: [s.diskKey(2000)] } as const;
const disk = { key: s.diskKey(2000), bios: true, efi: true, encrypted: [], windows: [] } as const;

const over = (shop: Workshop, seen: object, report: object = {}): void => {
  const { converter } = shop.worlds.get('a')!;
  shop.converterOver = {
    inspect: async () => ({ disks: [disk], systems: [system], ...seen }),
    convert: async (job) => ({
      ...(await converter.convert(job)),
      guest: { disks: [disk], systems: [system], ...seen },
      ...report,
    }),
  };
};
const shows = (seen: object) => (shop: Workshop) => over(shop, seen);
const reports = (report: object) => (shop: Workshop) => over(shop, {}, report);
const isMended = shows({});

const looks: readonly ApplyTrial[] = [
  {
    advice: 'in the guest: powercfg /h off, then shut it down completely and start it; then run migplan plan again',
    before: shows({ disks: [{ ...disk, windows: ['hibernated'] }] }),
  },
  {
    advice: 'in the guest: chkdsk /f on that drive, and a restart where it asks for one; then run migplan plan again',
    before: shows({ disks: [{ ...disk, windows: ['dirty'] }] }),
  },
  {
    advice:
      'switch BitLocker off in the guest and wait until the disk is decrypted (manage-bde -off C:), then run migplan plan again',
    before: shows({ disks: [{ ...disk, encrypted: ['BitLocker'] }], systems: [] }),
  },
  {
    advice: 'check that every disk of the VM is migrated, and the file systems in the guest (chkdsk, fsck)',
    before: shows({ systems: [] }),
  },
  {
    advice: 'or shut the guest down yourself and run migplan plan again: file systems of a running guest may be unreadable',
    before: shows({ systems: [] }),
  },
  {
    advice: 'move the guest to a root file system without LUKS, then run migplan plan again',
    before: shows({ disks: [{ ...disk, encrypted: ['LUKS'] }], systems: [] }),
  },
  {
    advice: 'leave one system only on the disks of the guest, then run migplan plan again',
    before: shows({ systems: [system, { ...system, root: '/dev/sda2', name: 'Windows, too' }] }),
  },
  {
    advice: 'install a virtio-win on the conversion host that has drivers for this Windows, then run migplan plan again',
    before: reports({ disk: 'emulated' }),
  },
  {
    advice: 'update virt-v2v on the conversion host, then run migplan plan again',
    before: reports({ disk: 'unknown' }),
  },
].map((row) => ({ ...row, spec: windows, meanwhile: isMended, plan: 'new', leads: 'converted' }));

/** virt-v2v ends with these words, until what they say is put right. */
const fails =
  (words: string) =>
  (shop: Workshop): void => {
    over(shop, {});
    const nextSteps = nextStepsFor(words) ?? [];
    const convert: Converter['convert'] = () =>
      Promise.reject(new ConvertError({ code: 'MP7001', call: 'virt-v2v-in-place', detail: words, nextSteps }));
    shop.converterOver = { ...shop.converterOver, convert };
  };

const tells: readonly ApplyTrial[] = [
  [
    'Start the source VM, switch fast startup off (powercfg /h off) and shut Windows down completely',
    'filesystem was mounted read-only, even though we asked for it to be mounted read-write',
  ],
  [
    'Check the file systems in the source VM (chkdsk, fsck), sync once more, then repeat the cutover',
    'inspection could not detect the source guest (or physical machine)',
  ],
].map(([advice, words]) => ({
  advice: advice!,
  spec: windows,
  before: fails(words!),
  meanwhile: isMended,
  plan: 'new',
  leads: 'converted',
}));

/** What a Windows guest needs on this machine: before and after the advice, by the environment and the manifest. */
interface KitTrial {
  readonly advice: string;
  readonly has?: readonly string[];
  readonly write?: Spec;
  /** Variables that the advice says to set, to a folder below. */
  readonly set: Readonly<Record<string, string>>;
}

const drivers = 'virtio-win/viostor/2k19/amd64/viostor.sys';
const tools = 'tools/rhsrvany.exe';
const kits: readonly KitTrial[] = [
  {
    advice: 'Elsewhere: set VIRTIO_WIN to virtio-win.iso or its unpacked folder',
    has: [tools],
    set: { VIRTIO_WIN: 'virtio-win' },
  },
  {
    advice: 'or set spec.target.hardware: emulated (slower, needs no drivers)',
    has: [tools],
    write: { target: { provider: 'cloud', volumeType: 'ssd', hardware: 'emulated' } },
    set: {},
  },
  {
    advice: 'Elsewhere: build rhsrvany and set VIRT_TOOLS_DATA_DIR to the folder of rhsrvany.exe',
    has: [drivers],
    set: { VIRT_TOOLS_DATA_DIR: 'tools' },
  },
];

const server2019 = { id: 'windows2019srv_64Guest', fullName: 'Windows Server 2019', family: 'windows' } as const;

/** The conversion as it is planned. */
async function conversionOf(spec: Spec) {
  const observed = s.observed({ ...gone, ...found({ guest: server2019 }) });
  const { actions } = planMigration(await desiredOf({ ...cutover, ...spec }, {}), observed, { now: s.NOW });
  return actions.find((action) => action.kind === 'convert') ?? expect.unreachable('nothing is converted');
}

const kitTrial = ({ advice, has = [], write = {}, set }: KitTrial): Trial => ({
  advice,
  run: () =>
    inFolder(Object.fromEntries([drivers, tools].map((file) => [file, ''])), async (folder) => {
      await mkdir(join(folder, 'empty'));
      const empty = join(folder, 'empty');
      const whole = { VIRTIO_WIN: join(folder, 'virtio-win'), VIRT_TOOLS_DATA_DIR: join(folder, 'tools') };
      const env = {
        VIRTIO_WIN: has.includes(drivers) ? whole.VIRTIO_WIN : empty,
        VIRT_TOOLS_DATA_DIR: has.includes(tools) ? whole.VIRT_TOOLS_DATA_DIR : empty,
      };
      const before = await windowsPreflight(await conversionOf({}), env);
      stepOf(
        before.flatMap(({ nextSteps = [] }) => [...nextSteps]),
        advice,
      );
      const followed = Object.fromEntries(Object.entries(set).map(([name, place]) => [name, join(folder, place)]));
      expect(await windowsPreflight(await conversionOf(write), { ...env, ...followed })).toEqual([]);
    }),
});

/** virt-v2v's own words for the same lack. */
const toolsOfVirtV2v: Trial = {
  advice: "Install virt-v2v's Windows tools on the conversion host, or set VIRT_TOOLS_DATA_DIR to their folder",
  run: () =>
    inFolder({ [tools]: '', [drivers]: '' }, async (folder) => {
      const words = 'virt-v2v-in-place: error: One of rhsrvany.exe or pvvxsvc.exe is missing in /usr/share/virt-tools';
      stepOf(nextStepsFor(words) ?? [], toolsOfVirtV2v.advice);
      const env = { VIRTIO_WIN: join(folder, 'virtio-win'), VIRT_TOOLS_DATA_DIR: join(folder, 'tools') };
      expect(await windowsPreflight(await conversionOf({}), env)).toEqual([]);
    }),
};

export const guestTrials: readonly Trial[] = [...looks, ...tells].map(applyTrial).concat(kits.map(kitTrial), toolsOfVirtV2v);
