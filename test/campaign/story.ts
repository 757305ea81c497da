import fc from 'fast-check';
import type { MachineTraits } from '../../lab/estate/source-machine.js';
import type { WireFault } from '../../lab/estate/wire.js';

/** What the manifest says; the rest of it never changes. */
export interface Wish {
  readonly phase: 'seed' | 'sync' | 'cutover';
  readonly cbtSync?: boolean;
  readonly verify: 'off' | 'sample' | 'full';
  /** true: once. */
  readonly reseed: boolean | 'compare';
  /** Whether what another tool began is taken over. */
  readonly adopt?: boolean;
  readonly finalSync: 'run' | 'skip';
  /** Which networks the NICs get: one each, by mapping, one too few or too many, all but the first; absent: no server is wanted. */
  readonly networks?: 'each' | 'mapped' | 'fewer' | 'more' | 'skip first';
  readonly volumeType: 'ssd' | 'hdd';
  readonly flavor: 'm1' | 'm2';
  readonly hardware?: 'virtio' | 'emulated';
  /** The disk, by its number in guest order, that the manifest says the guest boots from. */
  readonly bootDisk?: number;
  /** Whether the plug may be pulled. */
  readonly force: boolean;
}

/** What becomes of the process that does a step. */
export interface Fate {
  /** The moment at which it dies. */
  readonly dieAt?: number;
  readonly fault?: WireFault;
}

export type Station = 0 | 1;

export type Step =
  | { readonly do: 'edit'; readonly wish: Partial<Wish> }
  | { readonly do: 'remove manifest' }
  | { readonly do: 'restore manifest' }
  | { readonly do: 'plan'; readonly at: Station; readonly slot: number }
  | { readonly do: 'apply'; readonly at: Station; readonly slot: number; readonly cutover: boolean; readonly fate: Fate }
  | { readonly do: 'go'; readonly at: Station; readonly cutover: boolean; readonly fate: Fate }
  | { readonly do: 'lose state'; readonly at: Station }
  | { readonly do: 'copy state' }
  | { readonly do: 'guest writes'; readonly count: number; readonly seed: number }
  | { readonly do: 'snapshot' }
  | { readonly do: 'drop snapshot'; readonly nth: number }
  | { readonly do: 'revert'; readonly nth: number; readonly powerOn: boolean }
  | { readonly do: 'tracking'; readonly on: boolean }
  | { readonly do: 'start tracking anew' }
  | { readonly do: 'extend'; readonly disk: number; readonly by: number }
  | { readonly do: 'add disk'; readonly size: number }
  | { readonly do: 'remove disk'; readonly disk: number }
  | { readonly do: 'replace disk'; readonly disk: number }
  | { readonly do: 'power'; readonly to: 'on' | 'off' | 'plug' | 'suspended' }
  | { readonly do: 'move storage'; readonly resets: boolean }
  | { readonly do: 'tools'; readonly run: boolean }
  | { readonly do: 'consolidation'; readonly needed: boolean }
  | { readonly do: 'delete volume'; readonly nth: number }
  | { readonly do: 'delete server' }
  | { readonly do: 'attach elsewhere'; readonly nth: number }
  | { readonly do: 'detach elsewhere' }
  | { readonly do: 'edit metadata'; readonly nth: number; readonly how: 'strip record' | 'other id' | 'say converted' | 'note' }
  /** By another tool, of every disk that has no volume; it ended when it had copied so many blocks of each. */
  | { readonly do: 'seed elsewhere'; readonly blocks: number }
  | { readonly do: 'quota'; readonly volumes: number }
  /** Of the dead nobody has heard for longer than their lease. */
  | { readonly do: 'time passes' }
  /** Each lock that the dead left. */
  | { readonly do: 'force unlock'; readonly at: Station };

export interface Story {
  readonly seed: number;
  readonly machine: MachineTraits;
  /** on: before there was any snapshot; late: beside an older one. */
  readonly past: 'plain' | 'old snapshot' | 'tracked late';
  readonly wish: Wish;
  /** Both stations see one state on a server; absent: each has its own. */
  readonly state?: 'shared' | undefined;
  readonly steps: readonly Step[];
}

const station = fc.constantFrom<Station>(0, 0, 0, 1);
const some = <T>(arbitrary: fc.Arbitrary<T>, freq: number): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq });

const disk = fc.record({
  size: fc.integer({ min: 4, max: 12 }),
  bus: fc.constantFrom('scsi', 'sata', 'nvme', 'ide'),
  controller: fc.integer({ min: 0, max: 1 }),
  unit: fc.constant(0),
} as const);

const machine: fc.Arbitrary<MachineTraits> = fc
  .record({
    place: fc.constantFrom('vcenter', 'vcenter', 'vcenter', 'cloud'),
    disks: fc.array(disk, { minLength: 1, maxLength: 3 }),
    systemDisk: fc.constantFrom(0, 0, 0, 1),
    bootOrder: fc.constantFrom(undefined, 0, 0, 1),
    nics: fc.constantFrom(1, 1, 2, 0),
    firmware: fc.constantFrom('bios', 'efi'),
    family: fc.constantFrom('linux', 'linux', 'windows', 'other'),
    takesVirtio: fc.constantFrom(true, true, true, false),
    needsUefi: fc.constantFrom(false, false, false, false, true),
    tools: fc.constantFrom(true, true, false),
    obeys: fc.constantFrom(true, true, true, false),
    plugResetsTracking: fc.boolean(),
    power: fc.constantFrom('on', 'on', 'on', 'off'),
    tracking: fc.constantFrom(true, true, true, true, false),
  } as const)
  .map((traits): MachineTraits => {
    const last = traits.disks.length - 1;
    // An old cloud boots from the first.
    const systemDisk = traits.place === 'cloud' ? 0 : Math.min(traits.systemDisk, last);
    const disks = traits.disks.map((one, unit) => ({ ...one, unit }));
    return {
      ...traits,
      needsUefi: traits.needsUefi || traits.firmware === 'efi',
      disks,
      systemDisk,
      bootOrder: traits.bootOrder === undefined ? undefined : Math.min(traits.bootOrder, last),
    };
  });

const networks = fc.constantFrom('each', 'each', 'each', 'mapped', 'mapped', 'skip first', 'fewer', 'more', undefined);

const wish: fc.Arbitrary<Wish> = fc
  .record({
    phase: fc.constantFrom('seed', 'sync', 'sync', 'cutover'),
    verify: fc.constantFrom('off', 'off', 'sample', 'full'),
    networks,
    volumeType: fc.constant('ssd'),
    flavor: fc.constant('m1'),
    force: fc.boolean(),
    reseed: fc.constant(false),
    finalSync: fc.constant('run'),
  } as const)
  .map((value): Wish => withoutUndefined(value) as unknown as Wish);

const edit = fc.oneof(
  { weight: 6, arbitrary: fc.record({ phase: fc.constantFrom('seed', 'sync', 'cutover', 'cutover') } as const) },
  { weight: 2, arbitrary: fc.record({ reseed: fc.constantFrom(true, false, 'compare') }) },
  { weight: 2, arbitrary: fc.record({ adopt: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ cbtSync: some(fc.boolean(), 2) }) },
  { weight: 1, arbitrary: fc.record({ finalSync: fc.constantFrom('run', 'skip') } as const) },
  { weight: 1, arbitrary: fc.record({ verify: fc.constantFrom('off', 'sample', 'full') } as const) },
  { weight: 1, arbitrary: fc.record({ networks }) },
  { weight: 1, arbitrary: fc.record({ bootDisk: fc.constantFrom(0, 1, 2, undefined) }) },
  { weight: 1, arbitrary: fc.record({ hardware: fc.constantFrom('virtio', 'emulated', undefined) } as const) },
  { weight: 1, arbitrary: fc.record({ flavor: fc.constantFrom('m1', 'm2') } as const) },
  { weight: 1, arbitrary: fc.record({ volumeType: fc.constantFrom('ssd', 'hdd') } as const) },
) as fc.Arbitrary<Partial<Wish>>;

const fault: fc.Arbitrary<WireFault> = fc.record({
  nth: fc.integer({ min: 1, max: 14 }),
  side: fc.constantFrom('source', 'target', 'bytes'),
  kind: fc.constantFrom('refused', 'lost', 'lost', 'denied', 'quota', 'cbt-invalid'),
} as const);

const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({}) },
  { weight: 3, arbitrary: fc.record({ dieAt: fc.integer({ min: 1, max: 140 }) }) },
  { weight: 2, arbitrary: fc.record({ fault }) },
);

const nth = fc.integer({ min: 0, max: 3 });
const slot = fc.constantFrom(0, 0, 0, 1);
const cutover = fc.constantFrom(true, true, true, false);
const kind = <K extends Step['do']>(name: K) => fc.constant(name);

const weighted: readonly (readonly [number, fc.Arbitrary<unknown>])[] = [
  [20, fc.record({ do: kind('go'), at: station, cutover, fate })],
  [7, fc.record({ do: kind('plan'), at: station, slot })],
  [7, fc.record({ do: kind('apply'), at: station, slot, cutover, fate })],
  [7, fc.record({ do: kind('edit'), wish: edit })],
  [8, fc.record({ do: kind('guest writes'), count: fc.integer({ min: 1, max: 5 }), seed: fc.integer({ min: 1, max: 9999 }) })],
  [4, fc.record({ do: kind('snapshot') })],
  [2, fc.record({ do: kind('drop snapshot'), nth })],
  [4, fc.record({ do: kind('revert'), nth, powerOn: fc.constantFrom(true, true, false) })],
  [2, fc.record({ do: kind('tracking'), on: fc.boolean() })],
  [1, fc.record({ do: kind('start tracking anew') })],
  [1, fc.record({ do: kind('extend'), disk: nth, by: fc.integer({ min: 1, max: 4 }) })],
  [1, fc.record({ do: kind('add disk'), size: fc.integer({ min: 4, max: 8 }) })],
  [1, fc.record({ do: kind('remove disk'), disk: nth })],
  [1, fc.record({ do: kind('replace disk'), disk: nth })],
  [4, fc.record({ do: kind('power'), to: fc.constantFrom('on', 'on', 'off', 'plug', 'suspended') })],
  [1, fc.record({ do: kind('move storage'), resets: fc.boolean() })],
  [1, fc.record({ do: kind('tools'), run: fc.boolean() })],
  [1, fc.record({ do: kind('consolidation'), needed: fc.boolean() })],
  [1, fc.record({ do: kind('delete volume'), nth })],
  [1, fc.record({ do: kind('delete server') })],
  [1, fc.record({ do: kind('attach elsewhere'), nth })],
  [1, fc.record({ do: kind('detach elsewhere') })],
  [1, fc.record({ do: kind('edit metadata'), nth, how: fc.constantFrom('strip record', 'other id', 'say converted', 'note') })],
  [2, fc.record({ do: kind('seed elsewhere'), blocks: fc.integer({ min: 0, max: 8 }) })],
  [1, fc.record({ do: kind('quota'), volumes: fc.integer({ min: 0, max: 5 }) })],
  [1, fc.record({ do: kind('lose state'), at: station })],
  [1, fc.record({ do: kind('copy state') })],
  [1, fc.record({ do: kind('remove manifest') })],
  [2, fc.record({ do: kind('restore manifest') })],
  [2, fc.record({ do: kind('time passes') })],
  [1, fc.record({ do: kind('force unlock'), at: station })],
];

const step = fc.oneof(...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary }))) as fc.Arbitrary<Step>;

const go = fc.record({ do: kind('go'), at: station, cutover: fc.constant(true), fate });
const plainGo = fc.constant({ do: 'go', at: 0, cutover: true, fate: {} });
const dies = fc.integer({ min: 20, max: 90 }).map((dieAt) => ({ do: 'go', at: 0, cutover: true, fate: { dieAt } }));
const goElsewhere = fc.record({ do: kind('go'), at: fc.constant<Station>(1), cutover: fc.constant(true), fate });
const timePasses = fc.constant({ do: 'time passes' });
const forceUnlock = fc.constant({ do: 'force unlock', at: 1 });
const writes = fc.record({
  do: kind('guest writes'),
  count: fc.integer({ min: 1, max: 4 }),
  seed: fc.integer({ min: 1, max: 999 }),
});
const revert = fc.record({ do: kind('revert'), nth, powerOn: fc.constantFrom(true, true, false) });
const toCutover = fc.constant({ do: 'edit', wish: { phase: 'cutover' } });
const reseed = (...wishes: Wish['reseed'][]) =>
  fc.constantFrom(...wishes).map((wish) => ({ do: 'edit', wish: { reseed: wish } }));
const adopt = fc.constant({ do: 'edit', wish: { adopt: true } });
const elsewhere = fc.record({ do: kind('seed elsewhere'), blocks: fc.integer({ min: 0, max: 8 }) });
const stripped = fc.record({ do: kind('edit metadata'), nth, how: fc.constant('strip record') });
const power = fc.constantFrom('on', 'off').map((to) => ({ do: 'power', to }));

/** What goes wrong only in a certain order hardly happens by chance. */
const motifs = fc.oneof(
  fc.tuple(fc.constant({ do: 'snapshot' }), writes, plainGo, revert, writes, go),
  fc.tuple(plainGo, fc.constant({ do: 'snapshot' }), plainGo, writes, revert, go),
  fc.tuple(fc.constant({ do: 'snapshot' }), plainGo, writes, go, revert, fc.record({ do: kind('drop snapshot'), nth }), go),
  fc.tuple(
    fc.record({ do: kind('plan'), at: station, slot }),
    step,
    fc.record({ do: kind('apply'), at: station, slot, cutover, fate }),
  ),
  fc.tuple(plainGo, writes, toCutover, go, power, writes, go),
  fc.tuple(toCutover, go, go, go),
  fc.tuple(plainGo, step, reseed(true, 'compare'), go, reseed(false)),
  fc.tuple(plainGo, step, reseed(true, 'compare'), dies, writes, go),
  fc.tuple(elsewhere, adopt, writes, go),
  fc.tuple(elsewhere, writes, adopt, dies, writes, go),
  fc.tuple(plainGo, stripped, writes, adopt, dies, writes, go),
  fc.tuple(plainGo, writes, go),
  fc.tuple(dies, writes, writes, plainGo),
  fc.tuple(dies, timePasses, goElsewhere, goElsewhere),
  fc.tuple(dies, forceUnlock, goElsewhere, plainGo),
  fc.tuple(toCutover, dies, dies, timePasses, goElsewhere, timePasses, go),
  fc.tuple(plainGo, writes, dies, timePasses, writes, goElsewhere, plainGo),
) as unknown as fc.Arbitrary<readonly Step[]>;

const passage: fc.Arbitrary<readonly Step[]> = fc.oneof(
  { weight: 4, arbitrary: step.map((one) => [one]) },
  { weight: 2, arbitrary: motifs },
);

/** A server costs a world several times as much. */
const OWN_STATES: readonly undefined[] = Array.from({ length: 15 });

export const stories: fc.Arbitrary<Story> = fc.record({
  seed: fc.integer({ min: 1, max: 100_000 }),
  machine,
  past: fc.constantFrom('plain', 'plain', 'plain', 'plain', 'old snapshot', 'tracked late'),
  wish,
  state: fc.constantFrom(...OWN_STATES, 'shared'),
  steps: fc.array(passage, { minLength: 1, maxLength: 10, size: 'max' }).map((passages) => passages.flat()),
}) as fc.Arbitrary<Story>;

const withoutUndefined = (value: object): object =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined));
