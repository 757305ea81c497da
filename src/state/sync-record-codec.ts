import { type ChangeId, formatChangeId, parseChangeId } from '../model/change-id.js';
import type { SeedNotes, SeedTool } from '../model/foreign-seed.js';
import { diskKey, runId, snapshotRef } from '../model/ids.js';
import { type Origin, unknownOrigin } from '../model/origin.js';
import {
  adoptionMark,
  changeIdOf,
  recordKeys as keys,
  type PartialSync,
  type RecordParseResult,
  type SyncRecord,
  type SyncState,
  serverIdentityKey,
} from '../model/sync-record.js';
import { normalizeUuid } from '../model/uuid.js';

/** Cinder refuses longer values with HTTP 400. */
const VALUE_LENGTH_MAX = 255;
const VERSION = '2';
/** Written before a record remembered what its base was taken under. */
const VERSION_WITHOUT_ORIGIN = '1';

/**
 * The only place that reads and writes the record's keys. `osm`, `changeID` and `converted` are spelt as vmware-migration-kit spells
 * them, so that either tool understands the other's volumes; `migplan` holds the whole record in one value, so that no
 * half-written record can exist.
 */
export type VolumeMetadata = Readonly<Record<string, string>>;

/**
 * What to merge into a volume's metadata. While a conversion is committed `converted` is already true, so that no other
 * tool lays a delta over a half-merged volume; an interrupted full copy has no `changeID`.
 */
export function encodeRecord(record: SyncRecord): VolumeMetadata {
  const id = changeIdOf(record.state);
  return {
    [keys.osm]: 'true',
    [keys.changeId]: id === undefined ? '' : formatChangeId(id),
    [keys.converted]: isConvertedOrCommitting(record.state) ? 'true' : 'false',
    [keys.record]: checkedValue(recordText(record)),
  };
}

/** Never guesses: what is not fully understood is `unreadable`, and the planner blocks on it. */
export function decodeRecord(metadata: VolumeMetadata): RecordParseResult {
  const text = metadata[keys.record];
  if (text === undefined) return foreignReading(metadata);
  const version = Number(fieldsOf(text).get('v'));
  if (version > Number(VERSION))
    return { kind: 'unreadable', why: `a newer version of migplan wrote it (record version ${version})`, isNewer: true };
  const record = parseRecord(text);
  if (record === undefined) return unreadable(text, `the value of "${keys.record}" is damaged`);
  const expected = encodeRecord(record);
  for (const key of [keys.changeId, keys.converted]) {
    if ((metadata[key] ?? '') !== expected[key]) {
      return unreadable(text, `"${key}" is "${metadata[key] ?? ''}" where the record says "${expected[key]}"`);
    }
  }
  return { kind: 'record', record };
}

/** What it names as carried out counts still: that can only keep a volume from being written, never have it written. */
function unreadable(text: string, why: string): RecordParseResult {
  const reseed = requestIn(fieldsOf(text));
  return { kind: 'unreadable', why, ...(reseed === undefined ? {} : { reseed }) };
}

function foreignReading(metadata: VolumeMetadata): RecordParseResult {
  if (metadata[keys.osm] === 'true') {
    return { kind: 'foreign', tool: 'vmware-migration-kit', converted: metadata[keys.converted] === 'true' };
  }
  if (metadata['migrate_kit'] === 'true') {
    const notes = migratekitNotes(metadata);
    return { kind: 'foreign', tool: 'migratekit', converted: metadata['change_id'] === '', ...(notes && { notes }) };
  }
  return { kind: 'none' };
}

function migratekitNotes({ vm, disk }: VolumeMetadata): SeedNotes | undefined {
  return vm === undefined || disk === undefined ? undefined : { vm, disk };
}

/**
 * What keeps a tool from going on with a volume that is ours from now on; it goes out with the first record. vmware-migration-kit reads the
 * record's own keys: no changeID while bytes are in doubt, a true one afterwards. migratekit finds its volumes by `migrate_kit`.
 */
export const disownedBy: Readonly<Record<SeedTool, VolumeMetadata>> = {
  'vmware-migration-kit': {},
  migratekit: { migrate_kit: 'false' },
};

const isConvertedOrCommitting = ({ kind }: SyncState): boolean => kind === 'converted' || kind === 'committing';

function recordText({ identity, state, capacity, cycle, run, lease, origin, isReverted, reseed }: SyncRecord): string {
  const id = changeIdOf(state);
  const dirty = state.kind === 'dirty' ? state : undefined;
  const fields: (readonly [string, string | undefined])[] = [
    ['v', VERSION],
    ['s', state.kind],
    ['i', id === undefined ? '-' : packChangeId(id)],
    ['p', dirty?.partial && packPartial(dirty.partial, id)],
    ['w', dirty?.writing?.toString()],
    // What may be absent stands before what may not: a record that was cut off is not read as one that says less.
    ['f', origin.older && packSnapshot(origin.older)],
    ['b', origin.bootedAt?.toString(36)],
    ['x', isReverted === true ? '1' : undefined],
    ['q', reseed === adoptionMark ? 'a' : reseed?.replace(/^once/, 'o').replace(/^compare/, 'c')],
    ['l', lease?.toString(36)],
    ['t', state.kind === 'clean' ? state.takenAt?.toString(36) : undefined],
    ['c', String(capacity)],
    ['m', packHex(normalizeUuid(identity.vm))],
    ['k', String(identity.disk)],
    ['d', normalizeUuid(identity.diskUuid)],
    ['n', String(cycle)],
    ['r', run],
  ];
  return fields.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`])).join(' ');
}

type Fields = ReadonlyMap<string, string>;

const fieldsOf = (text: string): Fields =>
  new Map(text.split(' ').map((field) => [field.slice(0, field.indexOf('=')), field.slice(field.indexOf('=') + 1)]));

function requestIn(fields: Fields): string | undefined {
  const packed = fields.get('q');
  return packed === 'a' ? adoptionMark : packed?.replace(/^o/, 'once').replace(/^c/, 'compare');
}

function parseRecord(text: string): SyncRecord | undefined {
  const fields = fieldsOf(text);
  const version = fields.get('v');
  if (version !== VERSION && version !== VERSION_WITHOUT_ORIGIN) return undefined;
  const state = parseState(fields);
  const capacity = wholeNumber(fields.get('c'));
  const key = wholeNumber(fields.get('k'));
  const cycle = wholeNumber(fields.get('n'));
  const [vm, diskUuid, run] = [fields.get('m'), fields.get('d'), fields.get('r')];
  const reseed = requestIn(fields);
  if (state === undefined || capacity === undefined || key === undefined) return undefined;
  if (cycle === undefined || vm === undefined || diskUuid === undefined || run === undefined) return undefined;
  const lease = unpackNumber(fields.get('l'));
  if ((lease === undefined) !== (fields.get('l') === undefined)) return undefined;
  const origin = version === VERSION ? parseOrigin(fields) : originOfOldRecord(state, fields);
  return (
    origin && {
      identity: { vm: unpackHex(vm), disk: diskKey(key), diskUuid },
      state,
      capacity,
      cycle,
      run: runId(run),
      ...(lease === undefined ? {} : { lease }),
      origin,
      ...(fields.get('x') === '1' ? { isReverted: true } : {}),
      ...(reseed === undefined ? {} : { reseed }),
    }
  );
}

function parseOrigin(fields: Fields): Origin | undefined {
  const [older, booted] = [fields.get('f'), fields.get('b')];
  const bootedAt = unpackNumber(booted);
  if ((bootedAt === undefined) !== (booted === undefined)) return undefined;
  return { older: older === undefined ? undefined : snapshotRef(unpackSnapshot(older)), bootedAt };
}

/**
 * Old records name the newest snapshot of others without a boot time, so a revert to it cannot be excluded. Those of an unfinished
 * delta name what was there when it began, not what its base was taken under.
 */
function originOfOldRecord(state: SyncState, fields: Fields): Origin {
  if (state.kind === 'dirty' && state.base !== undefined) return unknownOrigin;
  const older = fields.get('f');
  return { older: older === undefined ? undefined : snapshotRef(older), bootedAt: undefined };
}

function parseState(fields: Fields): SyncState | undefined {
  const idText = fields.get('i');
  if (idText === undefined) return undefined;
  const id = idText === '-' ? undefined : unpackChangeId(idText);
  if (id === undefined && idText !== '-') return undefined;
  switch (fields.get('s')) {
    case 'dirty': {
      const [partialText, writingText] = [fields.get('p'), fields.get('w')];
      const partial = partialText === undefined ? undefined : unpackPartial(partialText, id);
      const writing = wholeNumber(writingText);
      if ((partialText !== undefined && partial === undefined) || (writingText !== undefined && writing === undefined))
        return undefined;
      return { kind: 'dirty', base: id, ...(partial && { partial }), ...(writing !== undefined && { writing }) };
    }
    case 'clean': {
      const takenAt = unpackNumber(fields.get('t'));
      if ((takenAt === undefined) !== (fields.get('t') === undefined)) return undefined;
      return { kind: 'clean', at: id, ...(takenAt !== undefined && { takenAt }) };
    }
    case 'committing':
      return { kind: 'committing', from: id };
    case 'converted':
      return { kind: 'converted', from: id };
    default:
      return undefined;
  }
}

/** In base 36; undefined for what no record of ours says, too. */
function unpackNumber(text: string | undefined): number | undefined {
  const value = text === undefined ? undefined : Number.parseInt(text, 36);
  return value?.toString(36) === text && Number.isSafeInteger(value) ? value : undefined;
}

function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined || !/^(0|[1-9]\d*)$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** VMware's usual form of an epoch: 16 hex bytes, space separated, '-' in the middle. Packed to save 25 characters. */
const USUAL_EPOCH = /^(?:[0-9a-f]{2} ){7}[0-9a-f]{2}-(?:[0-9a-f]{2} ){7}[0-9a-f]{2}$/;

function packChangeId({ epoch, sequence }: ChangeId): string {
  const packed = USUAL_EPOCH.test(epoch) ? packHex(epoch.replace(/[ -]/g, '')) : `%${encodeURIComponent(epoch)}`;
  return `${packed}/${sequence}`;
}

function unpackChangeId(text: string): ChangeId | undefined {
  const id = parseChangeId(text);
  if (id === undefined) return undefined;
  if (id.epoch.startsWith('%')) return { ...id, epoch: decodeURIComponent(id.epoch.slice(1)) };
  const hex = unpackHex(id.epoch);
  if (!/^[0-9a-f]{32}$/.test(hex)) return undefined;
  const pairs = hex.match(/../g)!;
  return { ...id, epoch: `${pairs.slice(0, 8).join(' ')}-${pairs.slice(8).join(' ')}` };
}

/** 16 bytes in 22 characters instead of 32; what is no 16 bytes stays as it is. */
const packHex = (text: string): string => (/^[0-9a-f]{32}$/.test(text) ? Buffer.from(text, 'hex').toString('base64url') : text);

const unpackHex = (text: string): string => (/^[\w-]{22}$/.test(text) ? Buffer.from(text, 'base64url').toString('hex') : text);

/** vCenter calls them `snapshot-1234`. */
const packSnapshot = (ref: string): string => /^snapshot-(\d+)$/.exec(ref)?.[1] ?? `%${encodeURIComponent(ref)}`;

const unpackSnapshot = (text: string): string => (text.startsWith('%') ? decodeURIComponent(text.slice(1)) : `snapshot-${text}`);

/** A partial sync is always in its base's epoch; without a base it carries its own. */
const packPartial = ({ at, upTo }: PartialSync, base: ChangeId | undefined): string =>
  `${upTo}@${base === undefined ? packChangeId(at) : at.sequence}`;

function unpackPartial(text: string, base: ChangeId | undefined): PartialSync | undefined {
  const at = text.indexOf('@');
  const upTo = wholeNumber(text.slice(0, at));
  if (at < 0 || upTo === undefined) return undefined;
  const rest = text.slice(at + 1);
  if (base === undefined) {
    const id = unpackChangeId(rest);
    return id && { at: id, upTo };
  }
  const sequence = wholeNumber(rest);
  return sequence === undefined ? undefined : { at: { epoch: base.epoch, sequence }, upTo };
}

function checkedValue(value: string): string {
  if (value.length > VALUE_LENGTH_MAX || !/^[\x20-\x7e]*$/.test(value)) {
    throw new Error(`a volume record must be at most ${VALUE_LENGTH_MAX} ASCII characters: ${value}`);
  }
  return value;
}

export const serverMetadata = (vmInstanceUuid: string): VolumeMetadata => ({
  [serverIdentityKey]: normalizeUuid(vmInstanceUuid),
});
