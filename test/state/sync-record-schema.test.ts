import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { runId, snapshotRef } from '../../src/model/ids.js';
import { noOrigin, type Origin, unknownOrigin } from '../../src/model/origin.js';
import type { SyncState } from '../../src/model/sync-record.js';
import { encodeRecord } from '../../src/state/sync-record-codec.js';
import * as s from '../plan/plan-fixture.js';

const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../../schemas/sync-record.schema.json'), 'utf8')) as object;
const validate = new Ajv({ strict: true }).compile(schema);
const encode = (state: SyncState, origin: Origin = noOrigin) =>
  encodeRecord({
    identity: { vm: s.VM_UUID, disk: s.diskKey(2000), diskUuid: s.DISK_UUID },
    state,
    capacity: s.CAPACITY,
    cycle: 3,
    run: runId('abcdefghijkl'),
    origin,
    isReverted: origin !== noOrigin,
    ...(origin === noOrigin ? {} : { reseed: 'once-2' }),
  });

test.each<SyncState>([
  { kind: 'dirty', base: undefined },
  { kind: 'dirty', base: s.at(5) },
  { kind: 'dirty', base: s.at(5), partial: { at: s.at(7), upTo: 4096 } },
  { kind: 'dirty', base: s.at(5), partial: { at: s.at(7), upTo: 4096 }, writing: 9 },
  { kind: 'dirty', base: undefined, partial: { at: s.at(7, 'odd epoch'), upTo: 4096 } },
  { kind: 'clean', at: s.at(5) },
  { kind: 'clean', at: undefined },
  { kind: 'clean', at: s.at(5), takenAt: 1_700_000_000 },
  { kind: 'committing', from: s.at(5) },
  { kind: 'converted', from: s.at(5) },
])('the published schema describes %j', (state) => {
  for (const origin of [noOrigin, unknownOrigin, { older: snapshotRef('snapshot-7'), bootedAt: 1_700_000_000 }]) {
    validate({ ...encode(state, origin), 'someone-else': 'x' });
    expect(validate.errors ?? []).toEqual([]);
  }
});

test('and refuses what is no record', () => {
  const { migplan, ...rest } = encode({ kind: 'clean', at: s.at(5) });
  for (const wrong of [rest, { ...rest, migplan: 'true' }, { ...rest, migplan, converted: 'yes' }])
    expect(validate(wrong)).toBe(false);
});
