import { ProviderError } from '../../src/contracts/provider-error.js';
import { mapUnreadable } from '../../src/providers/vmware/errors.js';
import type { Workshop } from '../apply/workshop.js';
import * as s from '../plan/plan-fixture.js';
import { type ApplyTrial, applyTrial } from './apply-trial.js';
import type { Trial } from './tried.js';

const cutover = { phase: 'cutover' };
const world = (shop: Workshop) => shop.worlds.get('a')!;
const nothing = (): void => {};

/** A first copy is there, and the guest wrote since. */
async function seeded(shop: Workshop): Promise<void> {
  const wanted = shop.desired.get('vm/a')!;
  shop.change('a', { ...s.seed, limits: {} });
  await shop.apply(await shop.plan());
  await shop.clock.sleep(1000);
  world(shop).vm.guestWrites(30);
  shop.change('a', wanted);
}

const copiesTake = (ms: number) => (shop: Workshop) => {
  const { dataPlane } = world(shop);
  shop.dataPlaneOver = { copy: async (job) => dataPlane.copy(job).then(() => shop.clock.sleep(ms)) };
};
const slowly = async (shop: Workshop): Promise<void> => {
  await seeded(shop);
  copiesTake(700_000)(shop);
};
const doesNotShutDown = (shop: Workshop): void => {
  shop.sourceOver = { shutdownGuest: async () => {} };
};
const refusesMap = async (shop: Workshop): Promise<void> => {
  await seeded(shop);
  const unsafe = { kind: 'cbt-invalid', code: 'MP5004', provider: 'a', call: 'QueryChangedDiskAreas', detail: 'no' } as const;
  shop.sourceOver = { changedExtents: () => Promise.reject(new ProviderError(unsafe)) };
};
const cannotReadMap = async (shop: Workshop): Promise<void> => {
  await seeded(shop);
  shop.sourceOver = { changedExtents: () => Promise.reject(mapUnreadable('a', 'the file is locked', undefined)) };
};
/** By another tool, and three blocks of it are not the disk's; two may be written. */
const begunElsewhere = (shop: Workshop): void => {
  const { vm, cloud } = world(shop);
  const bytes = vm.bytesNow(vm.keys[0]!).map((byte, block) => (block < 3 ? byte + 1 : byte || 9));
  vm.bytesNow(vm.keys[0]!).set(bytes.subarray(3), 3);
  cloud.plant({ name: 'a-2000', metadata: { osm: 'true', converted: 'false' }, bytes });
  shop.change('a', { limits: { adoptionBytes: 2 } });
};
const answersAgain = (shop: Workshop): void => {
  shop.sourceOver = {};
};
/** Switched on, and not active yet. */
const isNotTracked = (shop: Workshop): void => {
  const { provider } = world(shop).vm;
  shop.sourceOver = {
    createSnapshot: async (...asked) => {
      const snapshot = await provider.createSnapshot(...asked);
      return { ...snapshot, disks: snapshot.disks.map(({ changeId: _, ...disk }) => disk) };
    },
  };
};
const converts = (over: object) => (shop: Workshop) => {
  const { converter } = world(shop);
  shop.converterOver = { convert: async (job) => ({ ...(await converter.convert(job)), ...over }) };
};
const inspects = (over: object) => (shop: Workshop) => {
  const { converter } = world(shop);
  shop.converterOver = {
    inspect: async (job) => ({ ...(await converter.inspect(job)), ...over }),
    convert: async (job) => converter.convert(job).then((report) => ({ ...report, guest: { ...report.guest, ...over } })),
  };
};
const isSound = (shop: Workshop): void => {
  shop.converterOver = {};
};
const windows = { root: '/dev/sda1', family: 'windows', name: 'Windows', disks: [s.diskKey(2000)] };

const rows: readonly ApplyTrial[] = [
  {
    advice: 'run the same plan again: each delta is shorter than the one before when the guest writes less meanwhile',
    spec: { ...cutover, limits: { downtime: '10m' } },
    before: slowly,
    meanwhile: copiesTake(60_000),
    plan: 'same',
    leads: 'converted',
  },
  {
    advice: 'or raise spec.limits.downtime and plan again',
    spec: { ...cutover, limits: { downtime: '10m' } },
    before: slowly,
    write: { limits: { downtime: '20m' } },
    plan: 'new',
    leads: 'converted',
  },
  {
    advice: 'shut the guest down from inside and run the same plan again',
    spec: cutover,
    before: doesNotShutDown,
    meanwhile: (shop) => {
      world(shop).vm.power = 'off';
    },
    plan: 'same',
    leads: 'converted',
  },
  {
    advice: 'or allow a hard power-off: spec.shutdown.force: true (writes still in the guest’s cache are lost)',
    spec: cutover,
    before: doesNotShutDown,
    write: { shutdown: { force: true } },
    plan: 'new',
    leads: 'converted',
  },
  {
    advice: 'raise spec.limits.delta and plan again',
    spec: { phase: 'sync' },
    before: async (shop) => {
      await seeded(shop);
      // Smaller than a manifest may say: so are the disks here.
      shop.change('a', { limits: { deltaBytes: 2 } });
    },
    write: { limits: { delta: '10GiB' } },
    plan: 'new',
    leads: 'clean',
  },
  {
    advice: 'if it is: raise or remove spec.limits.adoption and plan again, and the comparison goes on',
    spec: { phase: 'sync', adopt: true },
    before: begunElsewhere,
    write: { limits: { adoption: '10GiB' } },
    plan: 'new',
    leads: 'clean',
  },
  {
    advice: 'if it is: raise or remove spec.limits.adoption and plan again, and the comparison goes on',
    spec: { phase: 'sync', adopt: true },
    before: begunElsewhere,
    write: { adopt: undefined },
    plan: 'new',
    leads: 'clean',
  },
  {
    advice: 'set spec.reseed: <…> in the manifest and plan again (full copy)',
    spec: { phase: 'sync' },
    before: refusesMap,
    write: { reseed: 'once' },
    plan: 'new',
    leads: 'clean',
  },
  {
    advice: 'or set spec.target.hardware: emulated (slower, needs no drivers) and run migplan plan again',
    spec: cutover,
    before: converts({ disk: 'emulated', network: 'emulated' }),
    write: { target: { provider: 'cloud', volumeType: 'ssd', hardware: 'emulated' } },
    plan: 'new',
    leads: 'converted',
  },
  {
    advice: 'run migplan plan again: the volumes are as they were',
    spec: cutover,
    before: converts({ guest: { disks: [], systems: [] } }),
    meanwhile: isSound,
    plan: 'new',
    leads: 'converted',
  },
  {
    advice: 'set spec.guestFamily: <…>, and run migplan plan again',
    spec: cutover,
    before: inspects({ systems: [windows] }),
    write: { guestFamily: 'windows' },
    plan: 'new',
    leads: 'converted',
  },
  {
    advice: 'set spec.phase: sync for this VM: virt-v2v converts Windows and Linux only',
    spec: cutover,
    before: inspects({ systems: [{ ...windows, family: 'other' }] }),
    write: { phase: 'sync' },
    plan: 'new',
    leads: 'clean',
  },
  {
    advice: 'run the same plan again in the window: it opens at <…>',
    spec: { window: { start: '2026-06-01T20:00:00Z', end: '2026-06-01T23:00:00Z' } },
    before: nothing,
    meanwhile: (shop) => {
      void shop.clock.sleep(Date.parse('2026-06-01T21:00:00Z') - shop.clock.now().getTime());
    },
    plan: 'same',
    leads: 'clean',
  },
  {
    advice: 'it does not open again: change spec.window, and make a new plan',
    spec: { window: { start: '2020-01-01T22:00:00Z', end: '2020-01-02T04:00:00Z' } },
    before: nothing,
    write: { window: { start: '2020-01-01T22:00:00Z', end: '2099-01-02T04:00:00Z' } },
    plan: 'new',
    leads: 'clean',
  },
  {
    advice: 'run migplan plan again: it shows a full copy of this disk',
    spec: { phase: 'sync' },
    before: async (shop) => {
      await shop.apply(await shop.plan());
      await shop.clock.sleep(1000);
      const { vm } = world(shop);
      const bytes = vm.bytesNow(s.diskKey(2000));
      // A block that tracking knows nothing of.
      bytes[bytes.findIndex((_, block) => !vm.changedSince(s.diskKey(2000), { epoch: '', sequence: 1 }, block))] = 77;
    },
    plan: 'new',
    leads: 'clean',
  },
  {
    advice: 'run the same plan again: what the volume holds stays a base',
    spec: { phase: 'sync' },
    before: cannotReadMap,
    meanwhile: answersAgain,
    plan: 'same',
    leads: 'clean',
  },
  {
    advice: 'if it stays so: set spec.reseed: <…>',
    spec: { phase: 'sync' },
    before: cannotReadMap,
    write: { reseed: 'once' },
    plan: 'new',
    leads: 'clean',
  },
  {
    advice: 'run the same plan again: tracking becomes active when a snapshot is taken or removed',
    spec: { phase: 'sync' },
    before: isNotTracked,
    meanwhile: answersAgain,
    plan: 'same',
    leads: 'clean',
  },
  {
    advice: 'or power the VM off and on again; if that does not help, migrate it cold: phase: cutover, cbtSync: false',
    spec: { phase: 'sync' },
    before: isNotTracked,
    write: { phase: 'cutover', cbtSync: false },
    plan: 'new',
    leads: 'converted',
  },
];

export const applyTrials: readonly Trial[] = rows.map(applyTrial);
