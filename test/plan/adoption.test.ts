import { describe, expect, test } from 'vitest';
import type { DesiredMigration } from '../../src/model/desired.js';
import type { ObservedMigration } from '../../src/model/observed.js';
import type { ObservedVolume } from '../../src/model/observed-target.js';
import type { RecordParseResult } from '../../src/model/sync-record.js';
import { copiesOf } from '../../src/plan/core/action-table.js';
import { beyondApproval } from '../../src/plan/file/beyond-approval.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import { judgeTogether } from '../../src/plan/together/judge-together.js';
import { brief } from './brief.js';
import * as s from './plan-fixture.js';

interface Row {
  readonly name: string;
  readonly desired?: Partial<DesiredMigration>;
  readonly observed: Partial<ObservedMigration>;
  readonly expected: readonly string[];
}

const foreign = (over: Partial<RecordParseResult & { kind: 'foreign' }> = {}): RecordParseResult => ({
  kind: 'foreign',
  tool: 'vmware-migration-kit',
  converted: false,
  ...over,
});
const kit = foreign();
const notes = { vm: 'vm-42', disk: '2000' };
const migratekit = foreign({ tool: 'migratekit', notes });
const holding = (reading: RecordParseResult, over: Partial<ObservedVolume> = {}): Partial<ObservedMigration> => ({
  volumes: { '2000': [s.volume({ reading, ...over })] },
});
const found = (over: Parameters<typeof s.vm>[0]) => ({ source: { kind: 'found', vm: s.vm(over) } }) as const;
const { changeId: _, ...untracked } = s.disk();
const mark = { reseed: 'adopt' };
const stopped = { kind: 'dirty', base: undefined, partial: { at: s.at(6), upTo: 1024 } } as const;
const second = s.disk({ key: s.diskKey(2001), label: 'Hard disk 2' });
const twoDisks = found({ disks: [s.disk(), second] });
const dataVolume = (reading: RecordParseResult) => s.volume({ id: s.volumeId('vol-2'), ...s.dataVolume, reading });
const delta = 'sync live #4: delta since …65 63/5';

const run = ({ desired = {}, observed }: Pick<Row, 'desired' | 'observed'>) =>
  planMigration(s.desired({ adopt: true, ...desired }), s.observed(observed), { now: s.NOW });
const plan = (row: Pick<Row, 'desired' | 'observed'>) => brief(run(row)).filter((line) => !line.startsWith('set-image-metadata'));

// Every row says only what differs from: phase sync, adopt: true, a running VM whose tracking is at 9.
const rows: readonly Row[] = [
  {
    name: 'a volume of the kit: compared, whatever id it has',
    observed: holding(kit),
    expected: ['sync live #1: compare adopt'],
  },
  { name: 'a volume of migratekit', observed: holding(migratekit), expected: ['sync live #1: compare adopt'] },
  {
    name: 'migratekit’s older way to note a disk, and its own name',
    observed: holding(foreign({ tool: 'migratekit', notes: { vm: 'vm-42', disk: '42-2000' } }), { name: 'erp-db01-42-2000' }),
    expected: ['sync live #1: compare adopt'],
  },
  {
    name: 'of two disks',
    observed: {
      ...twoDisks,
      volumes: {
        '2000': [s.volume({ reading: migratekit })],
        '2001': [dataVolume(foreign({ tool: 'migratekit', notes: { vm: 'vm-42', disk: '2001' } }))],
      },
    },
    expected: ['sync live #1: compare adopt, compare adopt'],
  },
  {
    name: 'of two disks, the run of the tool died before the second: that one is seeded',
    observed: { ...twoDisks, volumes: { '2000': [s.volume({ reading: kit })], '2001': [] } },
    expected: ['create-volume 2001 40 GiB ssd', 'sync live #1: compare adopt, full new-volume'],
  },
  {
    name: 'seed',
    desired: s.seed,
    observed: holding(kit),
    expected: ['sync live #1: compare adopt'],
  },
  {
    name: 'seed with cbtSync: false',
    desired: s.oneShot,
    observed: holding(kit),
    expected: ['sync live #1: compare adopt'],
  },
  {
    name: 'cutover: compared while it runs, then the last delta from our own snapshot',
    desired: s.cutover,
    observed: holding(kit),
    expected: ['sync live #1: compare adopt', 'power-off', 'sync final #2: delta since live', 'convert'],
  },
  {
    name: 'cutover, cold',
    desired: s.cold,
    observed: { ...holding(kit), ...found({ power: 'off' }) },
    expected: ['sync cold #1: compare adopt', 'convert'],
  },
  {
    name: 'a volume from before tracking was switched on',
    observed: { ...holding(kit), ...found({ power: 'off', cbt: { supported: true, enabled: false }, disks: [untracked] }) },
    expected: ['enable-cbt', 'sync cold #1: compare adopt'],
  },
  {
    name: 'larger than the disk',
    observed: holding(kit, { size: s.CAPACITY * 2 }),
    expected: ['sync live #1: compare adopt'],
  },
  {
    name: 'smaller than the disk, as the kit rounded sizes down',
    observed: holding(kit, { size: s.CAPACITY - 1024 ** 3 }),
    expected: ['error MP2013 vm/erp-db01/disk/2000'],
  },
  {
    name: 'attached to the conversion host of its tool still',
    observed: holding(kit, { status: 'in-use', attachments: [{ id: s.attachmentId('a'), server: s.serverId('conv') }] }),
    expected: ['error MP2014 vm/erp-db01/disk/2000'],
  },
  {
    name: 'being made still',
    observed: holding(migratekit, { status: 'creating' }),
    expected: ['error MP2065 vm/erp-db01/disk/2000'],
  },
  {
    name: 'converted by the kit',
    observed: holding(foreign({ converted: true })),
    expected: ['error MP2002 vm/erp-db01/disk/2000'],
  },
  {
    name: 'converted by the kit, and asked for with a reseed as well',
    desired: { reseed: s.compare },
    observed: holding(foreign({ converted: true })),
    expected: ['error MP2002 vm/erp-db01/disk/2000'],
  },
  {
    name: 'converted by migratekit, which marks the first disk only: neither is taken over',
    observed: {
      ...twoDisks,
      volumes: {
        '2000': [s.volume({ reading: foreign({ tool: 'migratekit', converted: true, notes }) })],
        '2001': [dataVolume(foreign({ tool: 'migratekit', notes: { vm: 'vm-42', disk: '2001' } }))],
      },
    },
    expected: ['error MP2002 vm/erp-db01/disk/2000'],
  },
  {
    name: 'two candidates, of two tools',
    observed: {
      volumes: { '2000': [s.volume({ reading: kit }), s.volume({ id: s.volumeId('vol-2'), reading: migratekit })] },
    },
    expected: ['error MP2015 vm/erp-db01/disk/2000'],
  },
  {
    name: 'of our name, and noted to be another VM’s',
    observed: holding(foreign({ tool: 'migratekit', notes: { vm: 'vm-99', disk: '2000' } })),
    expected: ['error MP2012 vm/erp-db01/disk/2000'],
  },
  {
    name: 'of our name, and noted to be another disk’s',
    observed: holding(foreign({ tool: 'migratekit', notes: { vm: 'vm-42', disk: '42-2001' } })),
    expected: ['error MP2012 vm/erp-db01/disk/2000'],
  },
  { name: 'nobody’s volume', observed: holding({ kind: 'none' }), expected: ['error MP2001 vm/erp-db01/disk/2000'] },
  {
    name: 'with a reseed: the request is what is carried out',
    desired: { reseed: s.once },
    observed: holding(kit),
    expected: ['sync live #1: full reseed'],
  },
  {
    name: 'finalSync: skip takes no volume as it is that has no record',
    desired: { ...s.cutover, finalSync: 'skip' },
    observed: holding(kit),
    expected: ['error MP2012 vm/erp-db01'],
  },
  { name: 'adopted: deltas as ever', observed: s.inState({ kind: 'clean', at: s.at(5) }, mark), expected: [delta] },
  {
    name: 'adopted, seed',
    desired: s.seed,
    observed: s.inState({ kind: 'clean', at: s.at(5) }, mark),
    expected: ['note Seeded; nothing to do in phase "seed"'],
  },
  {
    name: 'no volume: an ordinary seed',
    observed: { volumes: { '2000': [] } },
    expected: ['create-volume 2000 40 GiB ssd', 'sync live #1: full new-volume'],
  },
  { name: 'stopped: it goes on', observed: s.inState(stopped, mark), expected: ['sync live #4: compare adopt from 1024'] },
  {
    name: 'stopped, and taken out of the manifest: it goes on comparing all the same',
    desired: { adopt: false },
    observed: s.inState(stopped, mark),
    expected: ['sync live #4: compare adopt from 1024'],
  },
  {
    name: 'stopped in a one-shot seed, on another machine',
    desired: s.oneShot,
    observed: s.inState(stopped, mark),
    expected: ['sync live #4: compare adopt from 1024'],
  },
  {
    name: 'stopped, and tracking was reset: from the start, and compared',
    observed: { ...s.inState(stopped, mark), ...found({ disks: [s.disk({ changeId: s.at(2, 'other') })] }) },
    expected: ['sync live #4: compare adopt'],
  },
  {
    name: 'stopped before its first checkpoint, and asked to be written over',
    desired: { reseed: s.once },
    observed: s.inState({ kind: 'dirty', base: undefined }, mark),
    expected: ['sync live #4: full reseed'],
  },
  {
    name: 'a first copy of ours that was stopped is copied, and no adoption',
    observed: s.inState(stopped),
    expected: ['sync live #4: full interrupted-full from 1024'],
  },
];

describe('adopt: true', () => {
  test.each(rows)('$name', (row) => {
    expect(plan(row)).toEqual(row.expected);
  });

  test('not asked for: blocked, and what to write is said', () => {
    for (const desired of [{}, s.cutover, s.oneShot]) {
      const { actions, diagnostics } = run({ desired: { ...desired, adopt: false }, observed: holding(kit) });
      expect(actions).toEqual([]);
      expect(diagnostics[0]?.nextSteps?.[0]).toContain('spec.adopt: true');
    }
  });

  test('what says that it is this disk’s, and the limit, stand in the plan', () => {
    const limits = { adoptionBytes: 512 };
    const [disk] = run({ desired: { limits }, observed: holding(migratekit) }).actions.flatMap(copiesOf);
    expect(disk).toMatchObject({ begunBy: { tool: 'migratekit', foundBy: 'notes' }, limitBytes: 512, repair: true });
    const [named] = run({ desired: { reseed: s.compare }, observed: holding(kit) }).actions.flatMap(copiesOf);
    expect(named).toMatchObject({ begunBy: { tool: 'vmware-migration-kit', foundBy: 'name' } });
    expect(named).not.toHaveProperty('limitBytes');
  });

  test('image metadata of the tool that nobody asks for is told once the volume is ours', () => {
    const imageMetadata = { hw_machine_type: 'q35', hw_firmware_type: 'uefi', hw_disk_bus: 'scsi', os_type: 'linux' };
    const desired = { ...s.cutover, ...s.withServer };
    const { actions } = run({ desired, observed: { ...holding(kit, { imageMetadata }), ...found({ firmware: 'efi' }) } });
    const written = actions.flatMap((action) => (action.kind === 'set-image-metadata' ? [action] : []));
    expect(written.flatMap(({ set, unset }) => [...Object.keys(set), ...unset])).toEqual([]);
  });
});

test('both tools make every volume bootable: what is taken over of data disks is not, in the same plan', () => {
  const imageMetadata = { hw_machine_type: 'pc', os_type: 'linux' };
  const [first, other] = [
    s.volume({ reading: kit, imageMetadata }),
    s.volume({ id: s.volumeId('vol-2'), reading: kit, imageMetadata }),
  ];
  const lines = brief(run({ observed: { ...twoDisks, volumes: { '2000': [first], '2001': [other] } } }));
  expect(lines).toEqual([
    'set-image-metadata -hw_machine_type -os_type not bootable',
    'sync live #1: compare adopt, compare adopt',
  ]);
});

describe('what was reviewed covers', () => {
  const actions = (desired: Partial<DesiredMigration>, observed: Partial<ObservedMigration>) =>
    run({ desired, observed }).actions;
  const reviewed = actions({}, holding(kit));

  test('the same, what is left of it, and the deltas after it', () => {
    for (const seen of [holding(kit), s.inState(stopped, mark), s.inState({ kind: 'clean', at: s.at(5) }, mark)])
      expect(beyondApproval(reviewed, actions({}, seen))).toEqual([]);
  });

  test.each<[string, Partial<DesiredMigration>, Partial<ObservedMigration>, string]>([
    ['a copy of all', { reseed: s.once }, holding(kit), 'reason'],
    ['a volume of another tool', {}, holding(migratekit), 'begunBy'],
    ['a higher limit', { limits: { adoptionBytes: 5 } }, holding(kit), 'limitBytes'],
    ['a copy of what was a comparison', {}, s.inState(stopped), 'repair'],
  ])('not %s', (_name, desired, seen, field) => {
    expect(beyondApproval(reviewed, actions(desired, seen)).join()).toContain(field);
  });
});

describe('a volume that fits two VMs of one name', () => {
  const planned = (name: string, over: Partial<DesiredMigration> = {}) => {
    const desired = s.desired({ adopt: true, name, address: `vm/${name}`, ...over });
    const own = { volumes: { '2000': [s.volume({ id: s.volumeId(`vol-${name}`), reading: kit })] } };
    const observed = s.observed({
      ...(name === 'c' ? own : holding(kit)),
      ...found({ instanceUuid: `${name}${s.VM_UUID.slice(1)}` }),
    });
    return { desired, observed, catalog: observed.catalog, plan: planMigration(desired, observed, { now: s.NOW }) };
  };
  const judged = (...all: ReturnType<typeof planned>[]) =>
    judgeTogether(all, { parallelism: 2, isChosen: false, transfers: 2 }).map(({ diagnostics }) =>
      diagnostics.map(({ code, detail }) => `${code} ${detail}`),
    );

  test('is taken over for neither', () => {
    expect(judged(planned('a'), planned('b'), planned('c'))).toEqual([
      ['MP2015 volume erp-db01-2000 (vol-1) would be taken over for vm/b, too: its name fits both'],
      ['MP2015 volume erp-db01-2000 (vol-1) would be taken over for vm/a, too: its name fits both'],
      [],
    ]);
  });

  test('is taken over for the one that it is declared for', () => {
    expect(judged(planned('a'), planned('c'))).toEqual([[], []]);
  });
});
