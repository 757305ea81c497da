import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diskKey, runId, snapshotRef } from '../../src/model/ids.js';
import { noOrigin, unknownOrigin } from '../../src/model/origin.js';
import { parseReseed } from '../../src/model/reseed.js';
import { adoptionMark, type SyncRecord, type SyncState } from '../../src/model/sync-record.js';
import { decodeRecord, encodeRecord } from '../../src/state/sync-record-codec.js';

const EPOCH = '52 de c0 d9 b9 43 9d 10-61 d5 4c 1b e9 7b 65 63';
const record: SyncRecord = {
  identity: { vm: '501b2f6e000011112222333344445555', disk: diskKey(2000), diskUuid: '6000c29a111122223333444455556666' },
  state: { kind: 'clean', at: { epoch: EPOCH, sequence: 81 } },
  capacity: 42_949_672_960,
  cycle: 3,
  run: runId('abcdefghijkl'),
  origin: noOrigin,
};

/** Room that a later field of the record may take. */
const RESERVED = 5;

const hexByte = fc.integer({ min: 0, max: 255 }).map((byte) => byte.toString(16).padStart(2, '0'));
const usualEpoch = fc
  .array(hexByte, { minLength: 16, maxLength: 16 })
  .map((bytes) => `${bytes.slice(0, 8).join(' ')}-${bytes.slice(8).join(' ')}`);
const sequence = fc.integer({ min: 0, max: 9_999_999 });
const changeId = fc.record({ epoch: usualEpoch, sequence });
const capacity = fc.integer({ min: 512, max: 2 ** 53 - 1 });
const hex32 = fc.array(hexByte, { minLength: 16, maxLength: 16 }).map((bytes) => bytes.join(''));
const state: fc.Arbitrary<SyncState> = fc.oneof(
  fc.record({ kind: fc.constant('clean' as const), at: fc.option(changeId, { nil: undefined }) }),
  fc.record({
    kind: fc.constant('clean' as const),
    at: fc.option(changeId, { nil: undefined }),
    takenAt: fc.integer({ min: 0, max: 2 ** 33 }),
  }),
  fc.record({ kind: fc.constant('committing' as const), from: fc.option(changeId, { nil: undefined }) }),
  fc.record({ kind: fc.constant('converted' as const), from: fc.option(changeId, { nil: undefined }) }),
  fc.record({ kind: fc.constant('dirty' as const), base: fc.option(changeId, { nil: undefined }) }),
  fc.tuple(changeId, sequence, capacity, fc.boolean()).map(([base, at, upTo, hasBase]) => ({
    kind: 'dirty' as const,
    base: hasBase ? base : undefined,
    partial: { at: { epoch: base.epoch, sequence: at }, upTo },
    writing: at,
  })),
);
const origin = fc.record({
  older: fc.option(
    fc.oneof(
      fc.integer({ min: 1, max: 9_999_999 }).map((number) => snapshotRef(`snapshot-${number}`)),
      fc.constant(unknownOrigin.older!),
    ),
    { nil: undefined },
  ),
  bootedAt: fc.option(fc.integer({ min: 1, max: 2 ** 32 }), { nil: undefined }),
});
const anyRecord: fc.Arbitrary<SyncRecord> = fc
  .record({
    identity: fc.record({ vm: hex32, disk: fc.integer({ min: 2000, max: 33000 }).map(diskKey), diskUuid: hex32 }),
    state,
    capacity,
    cycle: fc.integer({ min: 0, max: 99_999 }),
    run: fc.constant(runId('abcdefghijkl')),
    origin,
    isReverted: fc.boolean(),
    reseed: fc.option(fc.constantFrom('once', 'once-2', 'once-2026-12-01', 'compare', 'compare-2026-12-01'), { nil: undefined }),
  })
  .map(({ isReverted, reseed, ...given }) => ({
    ...given,
    ...(isReverted && { isReverted }),
    ...(reseed !== undefined && { reseed }),
  }));

describe('the record of a volume', () => {
  test('tells its story in plain metadata', () => {
    expect(encodeRecord(record)).toEqual({
      osm: 'true',
      changeID: `${EPOCH}/81`,
      converted: 'false',
      migplan:
        'v=2 s=clean i=Ut7A2blDnRBh1Uwb6XtlYw/81 c=42949672960 m=UBsvbgAAEREiIjMzRERVVQ k=2000 d=6000c29a111122223333444455556666 n=3 r=abcdefghijkl',
    });
  });

  test('every record comes back as it was, in at most 255 ASCII characters a value', () => {
    fc.assert(
      fc.property(anyRecord, (given) => {
        const metadata = encodeRecord(given);
        for (const value of Object.values(metadata)) expect(value).toMatch(/^[\x20-\x7e]{0,255}$/);
        expect(metadata['migplan']!.length).toBeLessThanOrEqual(255 - RESERVED);
        expect(decodeRecord({ other: 'kept', ...metadata })).toEqual({ kind: 'record', record: given });
      }),
      { numRuns: 500 },
    );
  });

  test('says for which request a reseed was begun; without that, for none', () => {
    const state = { kind: 'dirty', base: undefined } as const;
    const metadata = encodeRecord({ ...record, state, reseed: 'once-2' });
    expect(metadata['migplan']).toContain(' q=o-2 ');
    const old = { ...metadata, migplan: metadata['migplan']!.replace(' q=o-2', '') };
    expect(decodeRecord(old)).toEqual({ kind: 'record', record: { ...record, state } });
  });

  test('what it was reseeded for is read where the rest is not believed any more', () => {
    const metadata = encodeRecord({ ...record, reseed: 'once-2' });
    const edited = { ...metadata, changeID: `${EPOCH}/99` };
    expect(decodeRecord(edited)).toMatchObject({ kind: 'unreadable', reseed: 'once-2' });
    const damaged = { ...metadata, migplan: metadata['migplan']!.replace(/ r=.*$/, '') };
    expect(decodeRecord(damaged)).toMatchObject({ kind: 'unreadable', reseed: 'once-2' });
  });

  test('what a newer version wrote is not taken for damaged, however much of it looks familiar', () => {
    const metadata = encodeRecord(record);
    for (const version of ['3', '10']) {
      const reading = decodeRecord({ ...metadata, migplan: metadata['migplan']!.replace('v=2', `v=${version}`) });
      expect(reading).toEqual({
        kind: 'unreadable',
        why: `a newer version of migplan wrote it (record version ${version})`,
        isNewer: true,
      });
    }
    for (const version of ['0', '', 'x', '2.', '1e3x']) {
      const reading = decodeRecord({ ...metadata, migplan: metadata['migplan']!.replace('v=2', `v=${version}`) });
      expect(reading).toEqual({ kind: 'unreadable', why: 'the value of "migplan" is damaged' });
    }
  });

  test('a damaged value is unreadable, or still says the same', () => {
    fc.assert(
      fc.property(anyRecord, fc.nat(), (given, at) => {
        const metadata = encodeRecord(given);
        const text = metadata['migplan']!;
        const cut = text.slice(0, at % text.length);
        const reading = decodeRecord({ ...metadata, migplan: cut });
        if (reading.kind === 'record') expect(reading.record.state).toEqual(given.state);
        else expect(reading.kind).toBe('unreadable');
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['an epoch of an unknown form survives', { kind: 'clean', at: { epoch: 'Some thing+else', sequence: 1 } }],
    ['an interrupted seed has no change id', { kind: 'dirty', base: undefined }],
  ] as const)('%s', (_name, given) => {
    const metadata = encodeRecord({ ...record, state: given });
    expect(decodeRecord(metadata)).toEqual({ kind: 'record', record: { ...record, state: given } });
    if (given.kind === 'dirty') expect(metadata['changeID']).toBe('');
  });

  test.each([
    ['nothing', {}, 'none'],
    ['someone else’s metadata', { owner: 'me' }, 'none'],
    ['vmware-migration-kit', { osm: 'true', converted: 'false', changeID: `${EPOCH}/1` }, 'foreign'],
    ['migratekit', { migrate_kit: 'true', change_id: 'a/1' }, 'foreign'],
    ['migratekit, whose run died before it had an id', { migrate_kit: 'true', vm: 'vm-42', disk: '2000' }, 'foreign'],
    ['migratekit, adopted, and the record taken off since', { migrate_kit: 'false', vm: 'vm-42', disk: '2000' }, 'none'],
    ['another tool advanced changeID', { ...encodeRecord(record), changeID: `${EPOCH}/99` }, 'unreadable'],
    ['another tool converted it', { ...encodeRecord(record), converted: 'true' }, 'unreadable'],
    [
      'a newer version',
      { ...encodeRecord(record), migplan: encodeRecord(record)['migplan']!.replace('v=2', 'v=3') },
      'unreadable',
    ],
    ['garbage', { ...encodeRecord(record), migplan: 'true' }, 'unreadable'],
  ] as const)('reading %s', (_name, metadata, kind) => {
    expect(decodeRecord(metadata).kind).toBe(kind);
  });

  test.each([
    [
      { migrate_kit: 'true', vm: 'vm-42', disk: '2000', change_id: 'a/1' },
      { converted: false, notes: { vm: 'vm-42', disk: '2000' } },
    ],
    [
      { migrate_kit: 'true', vm: 'vm-42', disk: '42-2000' },
      { converted: false, notes: { vm: 'vm-42', disk: '42-2000' } },
    ],
    [{ migrate_kit: 'true', change_id: '' }, { converted: true }],
  ])('what migratekit notes: %j', (metadata, expected) => {
    expect(decodeRecord(metadata as Record<string, string>)).toEqual({ kind: 'foreign', tool: 'migratekit', ...expected });
  });

  test('a comparison of an adoption is marked as one, and no request is spelt so', () => {
    const adopting = { ...record, state: { kind: 'dirty', base: undefined }, reseed: adoptionMark } as const;
    expect(encodeRecord(adopting)['migplan']).toContain(' q=a ');
    expect(decodeRecord(encodeRecord(adopting))).toEqual({ kind: 'record', record: adopting });
    expect(parseReseed(adoptionMark)).toBeUndefined();
    expect(parseReseed('a')).toBeUndefined();
  });

  describe('a record of the version without what its base was taken under', () => {
    const old = (rest: string, change: string) => ({
      osm: 'true',
      changeID: change,
      converted: 'false',
      migplan: `v=1 ${rest} c=42949672960 m=501b2f6e000011112222333344445555 k=2000 d=6000c29a111122223333444455556666 n=3 r=abcdefghijkl`,
    });
    const id = '52dec0d9b9439d1061d54c1be97b6563';
    const read = (metadata: Record<string, string>) => {
      const reading = decodeRecord(metadata);
      return reading.kind === 'record' ? reading.record : reading;
    };

    test('without a snapshot it stays a base', () => {
      expect(read(old(`s=clean i=${id}/81`, `${EPOCH}/81`))).toEqual(record);
    });

    test('with a snapshot a revert to it cannot be excluded: there is no boot time', () => {
      const metadata = old(`s=clean i=${id}/81`, `${EPOCH}/81`);
      expect(read({ ...metadata, migplan: `${metadata.migplan} f=snapshot-7` })).toMatchObject({
        origin: { older: 'snapshot-7', bootedAt: undefined },
      });
    });

    test('an unfinished delta names what was there when it began, not when its base was taken: unknown', () => {
      expect(read(old(`s=dirty i=${id}/81 p=4096@83`, `${EPOCH}/81`))).toMatchObject({
        state: { kind: 'dirty', partial: { at: { sequence: 83 }, upTo: 4096 } },
        origin: unknownOrigin,
      });
    });

    test('an unfinished first copy goes on', () => {
      expect(read(old(`s=dirty i=- p=4096@${id}/83`, ''))).toMatchObject({
        state: { kind: 'dirty', base: undefined, partial: { at: { epoch: EPOCH, sequence: 83 } } },
        origin: noOrigin,
      });
    });
  });

  test('while committing, other tools see a converted volume', () => {
    const metadata = encodeRecord({ ...record, state: { kind: 'committing', from: { epoch: EPOCH, sequence: 81 } } });
    expect(metadata['converted']).toBe('true');
  });
});
