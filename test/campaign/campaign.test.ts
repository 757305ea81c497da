import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Estate } from '../../lab/estate/estate.js';
import { prng } from '../../lab/sim/prng.js';
import { noFigures } from './figures.js';
import { hunt } from './hunt.js';
import { makeScratch, play, removeScratch } from './play.js';
import { SharedStates } from './shared-state.js';
import type { Story } from './story.js';

let scratch: string;
const states = new SharedStates();
beforeAll(async () => {
  scratch = await makeScratch();
});
afterAll(async () => {
  await states[Symbol.asyncDispose]();
  removeScratch(scratch);
});

/** A plain Linux VM with one disk, synced; the steps are what a test is about. */
const story = (over: Partial<Story>): Story => ({
  seed: 1,
  machine: {
    place: 'vcenter',
    disks: [{ size: 6, bus: 'scsi', controller: 0, unit: 0 }],
    systemDisk: 0,
    nics: 1,
    firmware: 'bios',
    family: 'linux',
    takesVirtio: true,
    needsUefi: false,
    tools: true,
    obeys: true,
    plugResetsTracking: false,
    power: 'on',
    tracking: true,
  },
  past: 'plain',
  wish: {
    phase: 'sync',
    verify: 'off',
    reseed: false,
    finalSync: 'run',
    networks: 'each',
    volumeType: 'ssd',
    flavor: 'm1',
    force: false,
  },
  steps: [],
  ...over,
});

const go = { do: 'go', at: 0, cutover: true, fate: {} } as const;

describe('a story without mishaps reaches its end', () => {
  test.each([
    { name: 'a VM is synced twice and cut over', steps: [go, { do: 'guest writes', count: 3, seed: 5 }, go] },
    { name: 'a process dies in the middle of a copy', steps: [{ ...go, fate: { dieAt: 30 } }, go] },
  ] as const)('$name', async ({ steps }) => {
    const figures = noFigures();
    const told = story({ steps: [...steps, { do: 'edit', wish: { phase: 'cutover' } }, go] });
    expect(await play(told, { scratch, states }, figures)).toBeUndefined();
    expect(figures.ends).toEqual({ converged: 1 });
  });
});

describe('two stations with one state', () => {
  const dies = (dieAt: number) => ({ ...go, fate: { dieAt } }) as const;
  const elsewhere = { ...go, at: 1 } as const;
  const passes = { do: 'time passes' } as const;

  test('whoever comes while a dead one may still live is refused', async () => {
    const figures = noFigures();
    const told = story({ state: 'shared', steps: [dies(60), elsewhere] });
    expect(await play(told, { scratch, states }, figures)).toBeUndefined();
    expect(figures.runs).toMatchObject({ killed: 1, 'exit 5': 1 });
    expect(figures.codes).toMatchObject({ MP3009: 1 });
    expect(figures.ends).toEqual({ converged: 1 });
  });

  test('locks of the dead are taken away by hand, and the other one goes on', async () => {
    const figures = noFigures();
    const told = story({ state: 'shared', steps: [dies(60), { do: 'force unlock', at: 1 }, elsewhere] });
    expect(await play(told, { scratch, states }, figures)).toBeUndefined();
    expect(figures.steps).toMatchObject({ 'force unlock': 1 });
    expect(figures.runs['exit 5']).toBeUndefined();
    expect(figures.ends).toEqual({ converged: 1 });
  });

  test('wherever one dies on the way to the end, the other one gets there', async () => {
    const figures = noFigures();
    const cutover = { do: 'edit', wish: { phase: 'cutover' } } as const;
    for (let dieAt = 10; dieAt <= 260; dieAt += 25) {
      const steps = [go, { do: 'guest writes', count: 3, seed: 5 }, cutover, dies(dieAt), passes, elsewhere] as const;
      const told = story({ state: 'shared', steps: [...steps] });
      expect(await play(told, { scratch, states }, figures), `it dies at ${dieAt}`).toBeUndefined();
    }
    expect(figures.faults['kill']).toBeGreaterThan(4);
    expect(Object.keys(figures.ends)).toEqual(['converged']);
  }, 600_000);
});

/** Stories that broke a rule once. */
describe('a story that broke a rule once holds now', () => {
  const written = { do: 'guest writes', count: 3, seed: 5 } as const;
  const back = { do: 'revert', nth: 0, powerOn: true } as const;
  const twoDisks = {
    ...story({}).machine,
    disks: [0, 1].map((unit) => ({ size: 4, bus: 'scsi', controller: 0, unit }) as const),
  };

  test.each<{ readonly name: string; readonly over: Partial<Story>; readonly end: RegExp }>([
    {
      name: 'a VM that went back to a snapshot from before its last sync is not brought up to date',
      over: { steps: [{ do: 'snapshot' }, written, go, back] },
      end: /^MP2/,
    },
    {
      name: 'nor is it when a night was refused before, and the next one counts on',
      over: { steps: [{ do: 'snapshot' }, written, go, written, go, back, go, written, go] },
      end: /^MP2/,
    },
    {
      name: 'tracking that was switched on beside a snapshot does not count',
      over: { past: 'tracked late', steps: [go, written] },
      end: /^MP2/,
    },
    {
      name: 'nor is it kept as a point to continue from, where no deltas are wanted',
      over: { past: 'tracked late', wish: { ...story({}).wish, phase: 'seed', cbtSync: false } },
      end: /^MP2001$/,
    },
    {
      name: 'a NIC without a network is not dropped',
      over: { wish: { ...story({}).wish, phase: 'cutover', networks: 'fewer' } },
      end: /^MP2060$/,
    },
    {
      name: 'a server does not boot from a disk that holds no system',
      over: { machine: { ...twoDisks, bootOrder: 1 }, wish: { ...story({}).wish, phase: 'cutover' } },
      end: /^MP2053$/,
    },
    {
      name: 'a server of an old cloud boots from no other disk than its boot volume, whatever the manifest says',
      over: { machine: { ...twoDisks, place: 'cloud' }, wish: { ...story({}).wish, phase: 'cutover', bootDisk: 1 } },
      end: /^MP2050$/,
    },
    {
      name: 'nothing is taken for the boot volume of a server of an old cloud by itself when that was taken away',
      over: {
        machine: { ...twoDisks, place: 'cloud' },
        steps: [
          { do: 'remove disk', disk: 0 },
          { do: 'edit', wish: { phase: 'cutover' } },
        ],
      },
      end: /^MP2050$/,
    },
    {
      name: 'a volume that lost its record is copied again where a reseed is asked for',
      over: {
        wish: { ...story({}).wish, phase: 'seed', reseed: true },
        steps: [
          { do: 'go', at: 0, cutover: true, fate: {} },
          { do: 'edit metadata', nth: 0, how: 'strip record' },
        ],
      },
      end: /^converged$/,
    },
    {
      name: 'one whose record somebody edited is not, for a reseed that was carried out',
      over: {
        wish: { ...story({}).wish, phase: 'seed', reseed: true },
        steps: [
          { do: 'go', at: 0, cutover: true, fate: {} },
          { do: 'edit metadata', nth: 0, how: 'other id' },
        ],
      },
      end: /^MP2012$/,
    },
    ...[0, 3, 6].map((blocks) => ({
      name: `what another tool began, ${blocks} blocks of 6, is taken over where that is asked for, and cut over`,
      over: {
        wish: { ...story({}).wish, adopt: true },
        steps: [
          { do: 'seed elsewhere', blocks },
          { do: 'guest writes', count: 2, seed: 7 },
          { do: 'go', at: 0, cutover: true, fate: { dieAt: 40 } },
          { do: 'edit', wish: { phase: 'cutover', adopt: false } },
        ] as const,
      },
      end: /^converged$/,
    })),
    {
      name: 'what another tool began is left alone where nobody asks for it',
      over: { steps: [{ do: 'seed elsewhere', blocks: 6 }] as const },
      end: /^MP2012$/,
    },
    {
      name: 'the disk that the manifest names is the one that is converted and booted',
      over: { machine: { ...twoDisks, systemDisk: 1 }, wish: { ...story({}).wish, phase: 'cutover', bootDisk: 1 } },
      end: /^converged$/,
    },
  ])('$name', async ({ over, end }) => {
    const figures = noFigures();
    expect(await play(story(over), { scratch, states }, figures)).toBeUndefined();
    expect(Object.keys(figures.ends)).toEqual([expect.stringMatching(end)]);
  });

  const extend = { do: 'extend', disk: 0, by: 2 } as const;
  const saved = { at: 0, slot: 0 } as const;
  test.each([
    { name: 'planned just now', steps: [go, extend, go] },
    { name: 'saved', steps: [go, extend, { ...saved, do: 'plan' }, { ...saved, do: 'apply', cutover: true, fate: {} }] },
  ] as const)('apply of a plan, $name, that leaves out a blocked VM ends with 6', async ({ steps }) => {
    const figures = noFigures();
    expect(await play(story({ steps: [...steps] }), { scratch, states }, figures)).toBeUndefined();
    expect(figures.runs['exit 6']).toBeGreaterThan(0);
  });

  test('the lock of a killed run is removed by one that has nothing to do', async () => {
    const wish = { ...story({}).wish, phase: 'seed' } as const;
    const killed = { ...go, at: 1, fate: { dieAt: 9 } } as const;
    const figures = noFigures();
    expect(
      await play(story({ wish, steps: [killed, { do: 'guest writes', count: 1, seed: 1 }] }), { scratch, states }, figures),
    ).toBeUndefined();
    expect(figures.faults['kill']).toBe(1);
  });
});

/** What a program might do wrong, done by the world in its place; and the rule that is broken by it. */
const saboteurs: readonly { readonly name: string; readonly rule: RegExp; spoil(estate: Estate): void }[] = [
  {
    name: 'a delta misses one of its extents',
    rule: /^(clean|converted) and wrong$/,
    spoil: ({ source }) => {
      const { changedExtents } = source;
      source.changedExtents = async (...asked) => (await changedExtents(...asked)).slice(1);
    },
  },
  {
    name: 'copies are not flushed',
    rule: /^(clean|converted) and wrong$/,
    spoil: ({ dataPlane, project }) => {
      const { copy } = dataPlane;
      dataPlane.copy = async (job) => {
        const drain = project.drain;
        project.drain = () => {};
        await copy(job).finally(() => {
          project.drain = drain;
        });
      };
    },
  },
  {
    name: 'volumes are not given back',
    rule: /left behind|written and not held/,
    spoil: ({ target }) => {
      target.release = async () => {};
    },
  },
  {
    name: 'snapshots are not removed',
    rule: /left behind/,
    spoil: ({ source }) => {
      source.removeSnapshot = async () => {};
    },
  },
  {
    name: 'a source that runs is told to be off',
    rule: /runs|last writes|two of one guest/,
    spoil: ({ source }) => {
      source.powerState = async () => 'off';
    },
  },
  {
    name: 'merging stops half way',
    rule: /^converted and wrong$/,
    spoil: ({ converter }) => {
      converter.commit = async () => {};
    },
  },
];

const WORLDS_MAX = 150;

describe('the campaign finds', () => {
  test.each(saboteurs)('$name', async ({ rule, spoil }) => {
    const figures = noFigures();
    const draw = prng(1);
    const known = new Map<string, number>();
    while (figures.worlds < WORLDS_MAX && ![...known.keys()].some((kind) => rule.test(kind))) {
      const stage = { scratch, states, spoil };
      const found = await hunt(Math.floor(draw() * 2 ** 31), 25, { stage, figures, known, shrinkMs: 0 });
      if (found !== undefined) known.set(found.violation.kind, 1);
    }
    expect([...known.keys()], `after ${figures.worlds} worlds`).toContainEqual(expect.stringMatching(rule));
  });
});
