import type { DiskKey } from '../../model/ids.js';
import type { Action } from '../core/action.js';
import { diskChanges, makesFinal, makesVolume, touches } from '../core/action-table.js';
import { changeReasons, type DiskChange, type Whose } from '../core/disk-change.js';
import type { PlannedEntry } from './planned-entry.js';

/** What volumes and servers are resources of; written as Terraform names a provider. */
export const PROVIDER_NAME = 'migplan.dev/migplan/openstack';

/** Terraform's words, so that tools which read its plans read ours. */
export type ChangeWord = 'no-op' | 'create' | 'update' | 'delete';

export interface ResourceChange {
  readonly address: string;
  readonly mode: 'managed';
  readonly type: 'disk' | 'server';
  readonly name: string;
  readonly provider_name: string;
  readonly change: {
    readonly actions: readonly ChangeWord[];
    readonly before: Readonly<Record<string, unknown>> | null;
    readonly after: Readonly<Record<string, unknown>> | null;
    readonly after_unknown: Readonly<Record<string, unknown>>;
    readonly before_sensitive: Readonly<Record<string, never>>;
    readonly after_sensitive: Readonly<Record<string, never>>;
  };
  readonly action_reason: string;
  readonly irreversible?: true;
}

/** Derived from the actions, never stored knowledge of its own: reading a plan file derives it again and compares. */
export const resourceChanges = (entry: PlannedEntry): ResourceChange[] => changesOf(entry, (disk) => disk);

/** As builds before this one derived them; a plan that was saved by one is still read. */
export const formerResourceChanges = (entry: PlannedEntry): ResourceChange[] => changesOf(entry, () => 'as-all-before');

function changesOf(entry: PlannedEntry, whose: (disk: DiskKey) => Whose): ResourceChange[] {
  const disks = entry.disks.map((disk) => diskChange(entry, disk, whose(disk)));
  const server = entry.actions.find((action) => action.kind === 'create-server');
  return server === undefined ? disks : [...disks, serverChange(entry, server)];
}

function diskChange(entry: PlannedEntry, disk: DiskKey, whose: Whose): ResourceChange {
  const touching = entry.actions.filter((action) => touches(action, disk));
  const word: ChangeWord = touching.some(makesVolume) ? 'create' : touching.length > 0 ? 'update' : 'no-op';
  const changes = diskChanges(touching, whose);
  const before = Object.assign({}, ...changes.map((change) => change.before));
  return {
    address: `${entry.address}/disk/${disk}`,
    mode: 'managed',
    type: 'disk',
    name: entry.name,
    provider_name: PROVIDER_NAME,
    change: {
      actions: [word],
      before: word === 'create' ? null : before,
      after: Object.assign({}, before, ...changes.map(({ after }) => after)),
      after_unknown: Object.assign({}, ...changes.map(({ unknown }) => unknown)),
      before_sensitive: {},
      after_sensitive: {},
    },
    action_reason: reasonOf(entry, changes),
    ...(touching.some(makesFinal) ? { irreversible: true } : {}),
  };
}

function reasonOf({ diagnostics, notes }: PlannedEntry, changes: readonly DiskChange[]): string {
  if (diagnostics.some(({ severity }) => severity === 'error')) return 'blocked';
  const reasons = new Set(changes.map(({ reason }) => reason));
  const first = changeReasons.find((reason) => reasons.has(reason));
  return first ?? (notes.includes('Volume already converted') ? 'already_converted' : 'in_sync');
}

function serverChange(entry: PlannedEntry, action: Extract<Action, { kind: 'create-server' }>): ResourceChange {
  return {
    address: `${entry.address}/server`,
    mode: 'managed',
    type: 'server',
    name: action.server.name,
    provider_name: PROVIDER_NAME,
    change: {
      actions: ['create'],
      before: null,
      after: {
        ...action.server,
        ...(action.availabilityZone === undefined ? {} : { availability_zone: action.availabilityZone }),
        networks: action.nics,
      },
      after_unknown: { id: true },
      before_sensitive: {},
      after_sensitive: {},
    },
    action_reason: 'cutover_requested',
  };
}
