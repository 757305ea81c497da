import type { DesiredMigration } from '../model/desired.js';
import type { Difference, Fields, LeftVm, Things, Told } from '../model/left.js';
import type { ObservedMigration } from '../model/observed.js';
import { own } from '../model/own.js';
import { changeIdOf, type SyncRecord } from '../model/sync-record.js';
import { noDisk, noServer, thingsOf } from './core/things-of.js';

interface Compared {
  readonly changes: readonly Difference[];
  /** Runs that began later and did not reach their end: what they did is among the changes. */
  readonly unfinished: readonly string[];
}

/**
 * What is not as the last apply left it.
 *
 * - here: the state folder has what that apply left.
 * - volumes: only the records of the volumes tell of it: another machine applied, or the state folder is new. They say what was copied and
 *   when, and nothing of volume types, image metadata or the server. `at`: when its snapshot was asked for; absent where the VM was
 *   converted since. `older`: an earlier apply of which the state folder knows.
 * - nowhere: nobody applied, or it cannot be known any more.
 */
export type SinceApply =
  | ({ readonly recorded: 'here' } & Pick<LeftVm, 'run' | 'plan' | 'at'> & Compared)
  | ({
      readonly recorded: 'volumes';
      readonly run: string;
      readonly at?: string;
      readonly older?: Pick<LeftVm, 'run' | 'at'>;
    } & Compared)
  | ({ readonly recorded: 'nowhere' } & Compared);

/** Pure. */
export function sinceApply({ address }: Pick<DesiredMigration, 'address'>, observed: ObservedMigration): SinceApply {
  const { left, unfinishedRuns: unfinished } = observed.local;
  const newest = newestRecord(observed);
  if (left !== undefined && !isOutdated(address, left, observed)) {
    const { run, plan, at } = left;
    return { recorded: 'here', run, plan, at, unfinished, changes: changesSince(address, left.things, observed) };
  }
  if (newest === undefined) return { recorded: 'nowhere', unfinished, changes: [] };
  const { run, state } = newest;
  return {
    recorded: 'volumes',
    run,
    ...(state.kind === 'clean' && state.takenAt !== undefined ? { at: new Date(state.takenAt * 1000).toISOString() } : {}),
    ...(left === undefined ? {} : { older: { run: left.run, at: left.at } }),
    unfinished,
    changes: changesSince(address, thingsOfRecords(address, observed), observed),
  };
}

const recordsOf = ({ volumes }: ObservedMigration): SyncRecord[] =>
  Object.values(volumes)
    .flat()
    .flatMap(({ reading }) => (reading.kind === 'record' ? [reading.record] : []));

const newestRecord = (observed: ObservedMigration): SyncRecord | undefined =>
  recordsOf(observed).toSorted((a, b) => b.cycle - a.cycle)[0];

/** A run that is not of this state folder has written a record since. */
function isOutdated(address: string, { things }: LeftVm, observed: ObservedMigration): boolean {
  const ours = new Set<string>(observed.local.unfinishedRuns);
  return recordsOf(observed).some(({ run, identity }) => {
    const record = own(own(things, `${address}/disk/${identity.disk}`) ?? {}, 'record');
    return !ours.has(run) && own(asTable(record) ?? {}, 'run') !== run;
  });
}

/** What the records alone say: the disk that was copied, as it was then, and that the source was off when it was converted. */
function thingsOfRecords(address: string, observed: ObservedMigration): Things {
  const records = recordsOf(observed);
  const disks = records.map((record) => {
    const epoch = changeIdOf(record.state)?.epoch;
    const fields: Fields = {
      disk: record.identity.diskUuid,
      capacity: record.capacity,
      ...(epoch === undefined ? {} : { tracking_epoch: epoch }),
    };
    return [`${address}/disk/${record.identity.disk}`, fields] as const;
  });
  const isConverted = records.some(({ state }) => state.kind === 'converted');
  return { [address]: isConverted ? { power: 'off' } : {}, ...Object.fromEntries(disks) };
}

function changesSince(address: string, before: Things, observed: ObservedMigration): Difference[] {
  const after = thingsOf(address, observed);
  const vm = own(before, address) ?? {};
  if (after === undefined) return [{ address, field: 'vm', before: own(vm, 'vm') ?? 'found', after: null }];
  const isWhole = 'vm' in vm;
  const addresses = Object.keys(isWhole ? { ...before, ...after } : before);
  return addresses
    .flatMap((of) => differences(of, own(before, of) ?? none(of), own(after, of) ?? none(of)))
    .filter(({ field }) => field !== 'power' || wasConverted(before) || !isWhole);
}

const none = (address: string): Fields => (address.endsWith('/server') ? noServer : noDisk);

/** Until then a VM is powered on and off as its users like. */
const wasConverted = (before: Things): boolean =>
  Object.values(before).some((fields) => own(asTable(own(fields, 'record')) ?? {}, 'state') === 'converted');

/** Of what is known of both. */
const differences = (address: string, before: Fields, after: Fields): Difference[] =>
  Object.entries(before).flatMap(([field, was]) => {
    const is = own(after, field);
    return is === undefined ? [] : leaves(field, was, is).map((one) => ({ address, ...one }));
  });

function leaves(field: string, before: Told, after: Told): Omit<Difference, 'address'>[] {
  const [was, is] = [asTable(before), asTable(after)];
  if (was === undefined || is === undefined) {
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ field, before, after }];
  }
  const names = Object.keys({ ...was, ...is }).sort();
  return names.flatMap((name) => leaves(`${field}.${name}`, own(was, name) ?? null, own(is, name) ?? null));
}

const asTable = (told: Told | undefined): { readonly [name: string]: Told } | undefined =>
  typeof told === 'object' && told !== null && !Array.isArray(told) ? (told as { readonly [name: string]: Told }) : undefined;
