import { formatChangeId } from '../../model/change-id.js';
import type { DiskKey } from '../../model/ids.js';
import type { Action, ActionKind, ActionMap } from '../core/action.js';

/** Why a disk changes; the first of these that an action gives is the disk's. */
export const changeReasons = [
  'volume_missing',
  'conversion_interrupted',
  'cutover_requested',
  'repair_requested',
  'reseed_requested',
  'seed_incomplete',
  'sync_behind',
  'metadata_differs',
] as const;

type Fields = Readonly<Record<string, unknown>>;

/** What an action makes of the resource of a disk; absent fields stay as they are. */
export interface DiskChange {
  readonly reason: (typeof changeReasons)[number];
  readonly before?: Fields;
  readonly after?: Fields;
  /** Known only after apply. */
  readonly unknown?: Readonly<Record<string, true>>;
}

/** Builds before this one told the same of all disks that are synced together; plans that they saved say so. */
export type Whose = DiskKey | 'as-all-before';

/** By kind, in the order in which fields are told. none: it changes no disk. */
const changes: { readonly [K in ActionKind]: ((action: ActionMap[K], disk: Whose) => DiskChange) | 'none' } = {
  'create-volume': ({ name, sizeGiB, type, metadata }) => ({
    reason: 'volume_missing',
    after: {
      name,
      size_gib: sizeGiB,
      ...(type === undefined ? {} : { volume_type: type }),
      ...(metadata === undefined ? {} : { metadata }),
    },
    unknown: { id: true },
  }),
  sync: changeOfSync,
  'set-image-metadata': ({ before, set, machineTypeAsked }) => ({
    reason: 'metadata_differs',
    before: { image_metadata: before },
    after: {
      image_metadata: set,
      ...(machineTypeAsked === undefined ? {} : { machine_type_asked: machineTypeAsked }),
    },
  }),
  'release-attachment': () => ({ reason: 'metadata_differs' }),
  convert: () => ({ reason: 'cutover_requested', before: { converted: 'false' }, after: { converted: 'true' } }),
  'finalize-copy': () => ({ reason: 'cutover_requested', before: { converted: 'false' }, after: { converted: 'true' } }),
  // What it was before is half of both.
  'commit-conversion': () => ({ reason: 'conversion_interrupted', after: { converted: 'true' } }),
  'release-snapshot': 'none',
  'discard-overlays': 'none',
  'enable-cbt': 'none',
  'power-off': 'none',
  'create-server': 'none',
};

function changeOfSync({ disks }: ActionMap['sync'], whose: Whose): DiskChange {
  const own = whose === 'as-all-before' ? disks : disks.filter(({ disk }) => disk === whose);
  const delta = own.find(({ mode }) => mode === 'delta');
  const since =
    delta?.mode === 'delta' && delta.since !== 'live-sync' ? { before: { changeID: formatChangeId(delta.since) } } : {};
  return { reason: reasonOfSync(own[0]), ...since, unknown: { changeID: true } };
}

function reasonOfSync(sync: ActionMap['sync']['disks'][number] | undefined): DiskChange['reason'] {
  if (sync?.mode !== 'full') return 'sync_behind';
  if (sync.repair === true) return 'repair_requested';
  return sync.reason === 'reseed' ? 'reseed_requested' : 'seed_incomplete';
}

/** What the first action of each kind makes of a disk that all of them touch. */
export const diskChanges = (touching: readonly Action[], whose: Whose): DiskChange[] =>
  (Object.keys(changes) as ActionKind[]).flatMap((kind) => {
    const action = touching.find((one) => one.kind === kind);
    const change = changes[kind];
    return action === undefined || change === 'none' ? [] : [change(action as never, whose)];
  });
