import { formatChangeId } from '../../model/change-id.js';
import type { DiskKey } from '../../model/ids.js';
import type { Action, DiskSync } from '../core/action.js';
import { makesFinal, touches } from '../core/action-table.js';
import type { PlannedEntry } from './planned-entry.js';

/** What volumes and servers are resources of; written as Terraform names a provider. */
export const PROVIDER_NAME = 'migplan.dev/migplan/openstack';

/** Terraform's words, so that tools which read its plans read ours. */
export type ChangeWord = 'no-op' | 'create' | 'update';

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
export function resourceChanges(entry: PlannedEntry): ResourceChange[] {
  const disks = entry.disks.map((disk) => diskChange(entry, disk));
  const server = entry.actions.find((action) => action.kind === 'create-server');
  return server === undefined ? disks : [...disks, serverChange(entry, server)];
}

function diskChange(entry: PlannedEntry, disk: DiskKey): ResourceChange {
  const touching = entry.actions.filter((action) => touches(action, disk));
  const created = touching.find((action) => action.kind === 'create-volume');
  const word: ChangeWord = created !== undefined ? 'create' : touching.length > 0 ? 'update' : 'no-op';
  const before = beforeOf(touching);
  return {
    address: `${entry.address}/disk/${disk}`,
    mode: 'managed',
    type: 'disk',
    name: entry.name,
    provider_name: PROVIDER_NAME,
    change: {
      actions: [word],
      before: word === 'create' ? null : before,
      after: word === 'no-op' ? before : { ...before, ...afterOf(touching) },
      after_unknown: unknownOf(touching),
      before_sensitive: {},
      after_sensitive: {},
    },
    action_reason: reasonOf(entry, touching),
    ...(touching.some((action) => makesFinal(action)) ? { irreversible: true } : {}),
  };
}

const firstSync = (actions: readonly Action[]): Extract<Action, { kind: 'sync' }> | undefined =>
  actions.find((action) => action.kind === 'sync');

const syncsOf = (actions: readonly Action[]): DiskSync[] => firstSync(actions)?.disks.slice() ?? [];

function beforeOf(actions: readonly Action[]): Record<string, unknown> {
  const sync = syncsOf(actions).find(({ mode }) => mode === 'delta');
  const since = sync?.mode === 'delta' && sync.since !== 'live-sync' ? { changeID: formatChangeId(sync.since) } : {};
  const image = actions.find((action) => action.kind === 'set-image-metadata');
  const converts = actions.some((action) => action.kind === 'convert' || action.kind === 'finalize-copy');
  return {
    ...since,
    ...(image === undefined ? {} : { image_metadata: image.before }),
    ...(converts ? { converted: 'false' } : {}),
  };
}

function afterOf(actions: readonly Action[]): Record<string, unknown> {
  const created = actions.find((action) => action.kind === 'create-volume');
  const image = actions.find((action) => action.kind === 'set-image-metadata');
  const converts = actions.some(makesFinal);
  return {
    ...(created === undefined
      ? {}
      : {
          name: created.name,
          size_gib: created.sizeGiB,
          ...(created.type === undefined ? {} : { volume_type: created.type }),
          ...(created.metadata === undefined ? {} : { metadata: created.metadata }),
        }),
    ...(image === undefined ? {} : { image_metadata: image.set }),
    ...(image?.machineTypeAsked === undefined ? {} : { machine_type_asked: image.machineTypeAsked }),
    ...(converts ? { converted: 'true' } : {}),
  };
}

function unknownOf(actions: readonly Action[]): Record<string, true> {
  return {
    ...(actions.some((action) => action.kind === 'create-volume') ? { id: true } : {}),
    ...(actions.some((action) => action.kind === 'sync') ? { changeID: true } : {}),
  };
}

function reasonOf(entry: PlannedEntry, actions: readonly Action[]): string {
  if (entry.diagnostics.some(({ severity }) => severity === 'error')) return 'blocked';
  if (actions.some((action) => action.kind === 'create-volume')) return 'volume_missing';
  if (actions.some((action) => action.kind === 'commit-conversion')) return 'conversion_interrupted';
  if (actions.some((action) => action.kind === 'convert' || action.kind === 'finalize-copy')) return 'cutover_requested';
  const sync = syncsOf(actions)[0];
  if (sync?.mode === 'full' && sync.repair === true) return 'repair_requested';
  if (sync?.mode === 'full') return sync.reason === 'reseed' ? 'reseed_requested' : 'seed_incomplete';
  if (sync !== undefined) return 'sync_behind';
  if (actions.length > 0) return 'metadata_differs';
  return entry.notes.includes('Volume already converted') ? 'already_converted' : 'in_sync';
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
