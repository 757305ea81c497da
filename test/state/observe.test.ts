import { describe, expect, test } from 'vitest';
import type { SourceProvider } from '../../src/contracts/source-provider.js';
import type { ConversionHost, TargetProvider, TargetServer, TargetVolume } from '../../src/contracts/target-provider.js';
import { runId, serverId } from '../../src/model/ids.js';
import { noOrigin } from '../../src/model/origin.js';
import type { SyncState } from '../../src/model/sync-record.js';
import { matchVolumes, observe, observeProject } from '../../src/state/observe.js';
import { decodeSnapshotOwner, encodeSnapshotOwner, snapshotName } from '../../src/state/snapshot-owner.js';
import { encodeRecord, serverMetadata } from '../../src/state/sync-record-codec.js';
import { emptyLedger, type LedgerEntries } from '../../src/state/vm-ledger.js';
import { VolumeIndex } from '../../src/state/volume-index.js';
import * as s from '../plan/plan-fixture.js';

const volume = (id: string, over: Partial<TargetVolume> = {}): TargetVolume => ({
  id: s.volumeId(id),
  name: 'erp-db01-2000',
  status: 'available',
  size: s.CAPACITY,
  type: 'ssd',
  encrypted: false,
  bootable: true,
  metadata: {},
  imageMetadata: {},
  attachments: [],
  ...over,
});

const recordOf = (vm: string, over: { disk?: number; run?: string; state?: SyncState } = {}) =>
  encodeRecord({
    identity: { vm, disk: s.diskKey(over.disk ?? 2000), diskUuid: s.DISK_UUID },
    state: over.state ?? { kind: 'clean', at: s.at(5) },
    capacity: s.CAPACITY,
    cycle: 1,
    run: runId(over.run ?? 'runrunrunrun'),
    origin: noOrigin,
  });

const matched = (...volumes: TargetVolume[]) =>
  Object.fromEntries(
    Object.entries(matchVolumes({ name: 'erp-db01' }, s.vm(), new VolumeIndex(volumes))).map(([key, found]) => [
      key,
      found.map(({ id }) => id),
    ]),
  );

describe('which volume holds which disk', () => {
  test('a record’s identity decides, whatever the volume is called', () => {
    expect(matched(volume('mine', { name: 'renamed', metadata: recordOf(s.VM_UUID) }), volume('other'))).toEqual({
      '2000': ['mine'],
    });
  });
  test('a foreign volume of the same name counts, so that it is not written over', () => {
    expect(matched(volume('other'))).toEqual({ '2000': ['other'] });
    expect(matched(volume('kit', { metadata: { osm: 'true', converted: 'false' } }))).toEqual({ '2000': ['kit'] });
    expect(matched(volume('damaged', { metadata: { migplan: 'x' } }))).toEqual({ '2000': ['damaged'] });
  });
  test('another VM’s record under this name is not ours', () => {
    expect(matched(volume('theirs', { metadata: recordOf('ffffffff-0000-0000-0000-000000000000') }))).toEqual({ '2000': [] });
  });
  test('both copies are told, and another disk’s is not taken', () => {
    const [one, two] = [volume('one', { metadata: recordOf(s.VM_UUID) }), volume('two', { metadata: recordOf(s.VM_UUID) })];
    expect(matched(one, two)).toEqual({ '2000': ['one', 'two'] });
    expect(matched(two, one), 'in whatever order the cloud lists them').toEqual({ '2000': ['one', 'two'] });
    expect(matched(one, volume('gone', { metadata: recordOf(s.VM_UUID, { disk: 2001 }) }))).toEqual({
      '2000': ['one'],
      '2001': ['gone'],
    });
  });
});

describe('which volume another tool began for a disk', () => {
  const kit = { osm: 'true', converted: 'false', changeID: 'a/1' };
  const noted = (vm: string, disk: string) => ({ migrate_kit: 'true', vm, disk, change_id: 'a/1' });
  const taken = (vmName: string, ...volumes: TargetVolume[]) =>
    Object.values(matchVolumes({ name: 'wanted', adopt: true }, s.vm({ name: vmName }), new VolumeIndex(volumes)))
      .flat()
      .map(({ id }) => id);

  test.each([
    ['as the VM is called', 'Erp db-01', 'Erp db-01-2000'],
    ['with _ for all but letters and digits', 'erp-db--01', 'erp_db__01-2000'],
    ['with runs of - made one', 'erp-db--01', 'erp-db-01-2000'],
    ['without accents', 'bücher.neu', 'bucher_neu-2000'],
    ['cut at 64 characters', `${'x'.repeat(63)}-${'y'.repeat(9)}`, `${'x'.repeat(63)}-2000`],
  ])('the kit’s, %s', (_name, vmName, name) => {
    expect(taken(vmName, volume('kit', { name, metadata: kit }))).toEqual(['kit']);
    expect(taken(vmName, volume('no keys', { name })), 'a name alone is no tool’s').toEqual([]);
    expect(
      matchVolumes({ name: 'wanted' }, s.vm({ name: vmName }), new VolumeIndex([volume('kit', { name, metadata: kit })])),
    ).toEqual({
      '2000': [],
    });
  });

  test.each([
    ['by key', '2000'],
    ['by VM and key', '42-2000'],
  ])('migratekit’s, %s, whatever it is called', (_name, disk) => {
    expect(taken('erp-db01', volume('mk', { name: 'slug', metadata: noted('vm-42', disk) }))).toEqual(['mk']);
    expect(taken('erp-db01', volume('mk', { name: 'slug', metadata: noted('vm-43', disk) }))).toEqual([]);
  });

  test('not that of another disk: a key is no ending of another', () => {
    expect(taken('erp-db01', volume('mk', { name: 'slug', metadata: noted('vm-42', '12000') }))).toEqual([]);
    expect(taken('erp-db01', volume('kit', { name: 'erp-db01-2001', metadata: kit }))).toEqual([]);
  });

  test('both where two tools began one, each once; none where one is ours already', () => {
    const both = [
      volume('b', { name: 'wanted-2000', metadata: noted('vm-42', '2000') }),
      volume('a', { name: 'erp-db01-2000', metadata: kit }),
    ];
    expect(taken('erp-db01', ...both)).toEqual(['a', 'b']);
    expect(taken('erp-db01', ...both, volume('mine', { metadata: recordOf(s.VM_UUID) }))).toEqual(['mine']);
  });
});

interface Found {
  readonly volumes?: readonly TargetVolume[];
  readonly servers?: readonly TargetServer[];
  readonly holdings?: Partial<LedgerEntries>;
  readonly snapshots?: ReturnType<typeof s.vm>['snapshots'];
  readonly conversionHost?: ConversionHost;
  /** Of a state that all machines see: runs that hold a lock. */
  readonly living?: readonly string[];
}

/** As an OpenStack project tells which one it is. */
const identity = (id: string, endpoint = 'https://cloud.example.com:5000/v3') => ({
  identify: async () => ({ kind: 'openstack', endpoint, id }),
});

/** Observes one migration; only what observing calls is there. */
async function localOf({ volumes = [], servers = [], holdings = {}, snapshots = [], conversionHost, living }: Found) {
  const vm = s.vm({ snapshots });
  const source = { observe: async () => [{ kind: 'found', vm }] } as unknown as SourceProvider;
  const target = {
    ...identity('demo'),
    observe: async () => ({ volumes, servers, catalog: s.catalog, conversionHost }),
  } as unknown as TargetProvider;
  const [observed] = await observe(
    [s.desired()],
    { source: () => source, target: () => target },
    {
      lineage: 'L',
      ...(living !== undefined && { isShared: true, liveRuns: async () => new Set(living) }),
      ledgerEntries: async () => ({ ...emptyLedger, ...holdings }),
      runsWithOverlays: async () => ['o'],
    },
  );
  return observed!;
}

describe('volumes that a dead run asked for and the cloud made late', () => {
  const ofState = (id: string, state: SyncState, over: Partial<TargetVolume> = {}) =>
    volume(id, { metadata: recordOf(s.VM_UUID, { state, run: `run-of-${id}` }), ...over });
  const born: SyncState = { kind: 'dirty', base: undefined };
  const begun: SyncState = { ...born, partial: { at: s.at(5), upTo: 512 } };
  const clean: SyncState = { kind: 'clean', at: s.at(5) };
  const held = { status: 'in-use', attachments: [{ id: s.attachmentId('a') }] };

  test.each<[string, readonly TargetVolume[], readonly string[], readonly string[]]>([
    ['beside one that holds a copy', [ofState('b', born), ofState('v', clean)], ['v'], ['b']],
    ['beside one with a part of it', [ofState('v', begun), ofState('b', born)], ['v'], ['b']],
    ['beside one that is written', [ofState('b', born), ofState('v', born, held)], ['v'], ['b']],
    ['beside another one that is new, too: the first by id is the one', [ofState('c', born), ofState('b', born)], ['b'], ['c']],
    ['alone: it is the one', [ofState('b', born)], ['b'], []],
    [
      'several that hold something are all told',
      [ofState('v', clean), ofState('w', clean), ofState('b', born)],
      ['v', 'w'],
      ['b'],
    ],
    [
      'one that is still being made may be in hand',
      [ofState('b', born, { status: 'creating' }), ofState('v', clean)],
      ['b', 'v'],
      [],
    ],
    ['one without a record is somebody’s', [volume('x'), volume('y')], ['x', 'y'], []],
  ])('%s', async (_name, volumes, expected, spares) => {
    const found = await localOf({ volumes });
    const ids = (list: readonly { readonly id: string }[] = []) => list.map(({ id }) => id);
    expect(ids(found.volumes['2000'])).toEqual(expected);
    expect(ids(found.spareVolumes?.['2000'])).toEqual(spares);
    expect('spareVolumes' in found).toBe(spares.length > 0);
  });
});

describe('what earlier runs left', () => {
  const held = (over: Partial<TargetVolume> = {}) =>
    volume('v', { metadata: recordOf(s.VM_UUID), attachments: [{ id: s.attachmentId('a') }], ...over });

  test.each<[string, LedgerEntries['attachments'][number], readonly string[]]>([
    ['an attachment known by id', { volume: s.volumeId('v'), id: s.attachmentId('a') }, ['a']],
    ['an attachment whose answer was lost', { volume: s.volumeId('v'), recordRun: 'runrunrunrun' }, ['a']],
    ['not one that another machine made since: the record names its run', { volume: s.volumeId('v'), recordRun: 'before' }, []],
    ['not another one than ours', { volume: s.volumeId('v'), id: s.attachmentId('b') }, []],
    ['not one on another volume', { volume: s.volumeId('w'), id: s.attachmentId('x') }, []],
  ])('%s', async (_name, attachment, expected) => {
    const { local } = await localOf({ volumes: [held()], holdings: { attachments: [attachment] } });
    expect(local.ownAttachments).toEqual(expected);
  });

  test('a server’s attachment is never taken for a lost answer', async () => {
    const volumes = [held({ attachments: [{ id: s.attachmentId('a'), server: 'srv' as never }] })];
    const { local } = await localOf({
      volumes,
      holdings: { attachments: [{ volume: s.volumeId('v'), recordRun: 'runrunrunrun' }] },
    });
    expect(local.ownAttachments).toEqual([]);
  });

  test('but one to the server that we attach to is, and volumes with a record do not count among its own', async () => {
    const volumes = [held({ attachments: [{ id: s.attachmentId('a'), server: serverId('conv') }] })];
    const { local, conversionHost } = await localOf({
      volumes,
      holdings: { attachments: [{ volume: s.volumeId('v'), recordRun: 'runrunrunrun' }] },
      conversionHost: {
        server: serverId('conv'),
        name: 'conv1',
        volumesMax: 26,
        volumes: ['v', 'root', 'x'].map(s.volumeId),
      },
    });
    expect(local.ownAttachments).toEqual(['a']);
    expect(conversionHost).toEqual({ server: 'conv', name: 'conv1', volumesMax: 26, otherVolumes: 2 });
  });

  test('snapshots: by name in the ledger, or by the mark of this state on this VM', async () => {
    const mark = (lineage: string, vm: string) => encodeSnapshotOwner({ run: runId('r'), lineage, vm, host: 'h' });
    const snapshot = (ref: string, name: string, description: string) => ({
      ref: s.snapshotRef(ref),
      name,
      description,
      createdAt: '',
    });
    const { local } = await localOf({
      snapshots: [
        snapshot('s1', 'named', ''),
        snapshot('s2', 'migplan-a', mark('L', s.VM_UUID)),
        snapshot('s3', 'migplan-b', mark('other', s.VM_UUID)),
        snapshot('s4', 'migplan-c', mark('L', 'a clone keeps the mark, not the uuid')),
        snapshot('s5', 'before upgrade', 'by hand'),
      ],
      holdings: { snapshots: [{ name: 'named' }] },
    });
    expect(local.ownSnapshots).toEqual(['s1', 's2']);
  });

  test('a server is known by the VM’s identity, not by its name', async () => {
    const server = (id: string, metadata: TargetServer['metadata']): TargetServer => ({
      id: id as never,
      name: 'erp-db01',
      status: 'ACTIVE',
      metadata,
    });
    const observed = await localOf({ servers: [server('x', {}), server('y', serverMetadata(s.VM_UUID))] });
    expect(observed.server?.id).toBe('y');
  });
});

describe('what the ledger does not know, of a VM in the middle of a copy', () => {
  const middle = (over: Partial<TargetVolume> = {}, state: SyncState = { kind: 'dirty', base: s.at(5) }) =>
    volume('v', {
      status: 'in-use',
      attachments: [{ id: s.attachmentId('a') }],
      ...over,
      metadata: { ...recordOf(s.VM_UUID, { state }), migplan_lineage: 'L', ...over.metadata },
    });
  const description = encodeSnapshotOwner({ run: runId('runrunrunrun'), lineage: 'L', vm: s.VM_UUID, host: 'h' });
  const snapshots = [{ ref: s.snapshotRef('s1'), name: 'migplan-a', description, createdAt: '' }];
  const all = { ownAttachments: ['a'], unfinishedRuns: ['runrunrunrun'], ownSnapshots: ['s1'] };
  const nothing = { ownAttachments: [], unfinishedRuns: [], ownSnapshots: [] };

  test.each<[string, Found, object]>([
    ['is a dead run’s where all machines see who lives', { volumes: [middle()], living: [] }, all],
    ['is its run’s, which lives and holds the VM under another name', { volumes: [middle()], living: ['runrunrunrun'] }, nothing],
    ['is nobody’s that is known, for one machine alone', { volumes: [middle()] }, { ...nothing, ownSnapshots: ['s1'] }],
    [
      'is another state’s',
      { volumes: [middle({ metadata: { migplan_lineage: 'M' } })], living: [] },
      { ...nothing, ownSnapshots: ['s1'] },
    ],
    [
      'and is being backed up: what holds it is not ours',
      { volumes: [middle({ status: 'backing-up' })], living: [] },
      { ...all, ownAttachments: [] },
    ],
    [
      'and says clean: what holds it is not ours',
      { volumes: [middle({}, { kind: 'clean', at: s.at(5) })], living: [] },
      { ...nothing, ownSnapshots: ['s1'] },
    ],
    [
      'is ours where the ledger has it by id, whoever lives',
      {
        volumes: [middle()],
        holdings: { attachments: [{ volume: s.volumeId('v'), id: s.attachmentId('a') }] },
        living: ['runrunrunrun'],
      },
      { ...nothing, ownAttachments: ['a'] },
    ],
  ])('%s', async (_name, found, expected) => {
    expect((await localOf({ snapshots, ...found })).local).toMatchObject(expected);
  });
});

describe('the mark of a snapshot', () => {
  test('comes back', () => {
    const mark = { run: runId('r'), lineage: 'L', vm: 'v', host: 'h' };
    expect(decodeSnapshotOwner(encodeSnapshotOwner(mark))).toMatchObject(mark);
  });
  test.each(['', 'by hand', '{', 'null', '[]', '{"tool":"other","lineage":"L","vm":"v"}', '{"tool":"migplan"}'])(
    '%j is none',
    (text) => {
      expect(decodeSnapshotOwner(text)).toBeUndefined();
    },
  );
  test('names are short enough, plain, and differ by run, VM and cycle', () => {
    const long = `${'very-long-name-'.repeat(10)}é/%`;
    const names = [
      snapshotName(runId('abcdefghijkl'), long, 1),
      snapshotName(runId('abcdefghijkl'), long, 2),
      snapshotName(runId('bbbbbbbbbbbb'), long, 1),
      snapshotName(runId('abcdefghijkl'), 'erp', 1),
    ];
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^migplan-[A-Za-z0-9._-]{1,72}$/);
  });
});

describe('a project of many VMs', () => {
  const uuidOf = (index: number): string => `501b2f6e-0000-1111-2222-${String(index).padStart(12, '0')}`;
  const project = (vms: number, volumes: readonly TargetVolume[]) => {
    const found = Array.from({ length: vms }, (_, index) => ({ kind: 'found', vm: s.vm({ instanceUuid: uuidOf(index) }) }));
    const source = { observe: async () => found } as unknown as SourceProvider;
    const target = {
      ...identity('demo'),
      observe: async () => ({ volumes, servers: [], catalog: s.catalog }),
    } as unknown as TargetProvider;
    return observeProject(
      found.map((_, index) => s.desired({ name: `vm${index}`, address: `vm/vm${index}` })),
      { source: () => source, target: () => target },
      { lineage: 'L', ledgerEntries: async () => emptyLedger, runsWithOverlays: async () => [] },
    );
  };

  test('each volume’s record is read once, however many VMs look for theirs', async () => {
    let reads = 0;
    const volumes = Array.from({ length: 40 }, (_, index) => {
      const metadata = recordOf(uuidOf(index));
      return Object.defineProperty(volume(`v${index}`), 'metadata', {
        enumerable: true,
        get: () => {
          reads++;
          return metadata;
        },
      });
    });
    const { migrations } = await project(40, volumes);
    expect(migrations.map(({ volumes: held }) => held['2000']!.map(({ id }) => id))).toEqual(volumes.map(({ id }) => [id]));
    expect(reads).toBe(40);
  });

  test('a volume whose VM no manifest names any more is told; one that is converted, or of nobody, is not', async () => {
    const { unclaimed } = await project(1, [
      volume('mine', { metadata: recordOf(uuidOf(0)) }),
      volume('orphan', { metadata: recordOf(uuidOf(7)) }),
      volume('served', { metadata: recordOf(uuidOf(7), { state: { kind: 'converted', from: s.at(5) } }) }),
      volume('other', { name: 'vm7-2000' }),
    ]);
    expect([...unclaimed].map(([target, found]) => [target, found.map(({ volume: { id } }) => id)])).toEqual([
      ['cloud', ['orphan']],
    ]);
  });

  test('what a VM left in a project that its manifest does not send it to any more is told', async () => {
    const mine = volume('left', { metadata: recordOf(uuidOf(0)) });
    const vms = [uuidOf(0), uuidOf(1)].map((instanceUuid) => ({ kind: 'found', vm: s.vm({ instanceUuid }) }));
    const source = { observe: async () => vms } as unknown as SourceProvider;
    const target = (name: string) =>
      ({
        ...identity(name),
        observe: async () => ({ volumes: name === 'cloud' ? [mine] : [], servers: [], catalog: s.catalog }),
      }) as unknown as TargetProvider;
    const { unclaimed } = await observeProject(
      [
        s.desired({ name: 'vm0', address: 'vm/vm0', target: { provider: 'other' } }),
        s.desired({ name: 'vm1', address: 'vm/vm1' }),
      ],
      { source: () => source, target },
      { lineage: 'L', ledgerEntries: async () => emptyLedger, runsWithOverlays: async () => [] },
    );
    expect(unclaimed.get('cloud')?.map(({ volume: { id } }) => id)).toEqual(['left']);
  });

  test('two names of one project are told to be one, on either side; another project or cloud is none', async () => {
    const vms = [0, 1, 2, 3].map((index) => ({ kind: 'found', vm: s.vm({ instanceUuid: uuidOf(index) }) }));
    const projects: Readonly<Record<string, ReturnType<typeof identity>>> = {
      a: identity('p'),
      b: identity('p', 'https://cloud.example.com:5000/'),
      c: identity('q'),
      d: identity('p', 'https://other.example.com:5000/v3'),
    };
    const names = Object.keys(projects);
    const empty = async () => ({ volumes: [], servers: [], catalog: s.catalog });
    const { migrations } = await observeProject(
      names.map((name, index) =>
        s.desired({
          name: `vm${index}`,
          address: `vm/vm${index}`,
          source: { ...s.desired().source, provider: name },
          target: { provider: name },
        }),
      ),
      {
        source: (name) =>
          ({
            ...projects[name]!,
            observe: async () => [vms[names.indexOf(name)]],
            room: async () => ({ quota: {} }),
          }) as unknown as SourceProvider,
        target: (name) => ({ ...projects[name]!, observe: empty }) as unknown as TargetProvider,
      },
      { lineage: 'L', ledgerEntries: async () => emptyLedger, runsWithOverlays: async () => [] },
    );
    for (const keys of [migrations.map((one) => one.targetProject), migrations.map((one) => one.sourceRoom?.project)]) {
      expect(keys[1]).toBe(keys[0]);
      expect(new Set(keys).size).toBe(3);
    }
  });
});
