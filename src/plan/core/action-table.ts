import { type ApprovalKind, approvalKinds } from '../../model/approval-kinds.js';
import type { DiskKey } from '../../model/ids.js';
import type { SourceUse } from '../../model/source-use.js';
import type { Action, ActionKind, ActionMap, DiskSync } from './action.js';
import type { ActionRow, CutoverStep } from './action-row.js';
import { commitConversion } from './action-rows/commit-conversion.js';
import { convert } from './action-rows/convert.js';
import { createServer } from './action-rows/create-server.js';
import { createVolume } from './action-rows/create-volume.js';
import { discardOverlays } from './action-rows/discard-overlays.js';
import { enableCbt } from './action-rows/enable-cbt.js';
import { finalizeCopy } from './action-rows/finalize-copy.js';
import { markConverted } from './action-rows/mark-converted.js';
import { powerOff } from './action-rows/power-off.js';
import { releaseAttachment } from './action-rows/release-attachment.js';
import { releaseSnapshot } from './action-rows/release-snapshot.js';
import { setImageMetadata } from './action-rows/set-image-metadata.js';
import { sync } from './action-rows/sync.js';
import type { DiskChange, Whose } from './disk-change.js';

/** What the VM is after a step, in a line that a reviewer must not miss: `powered off, converted`. */
const WORDS: Readonly<Record<CutoverStep, string>> = {
  'powers-off': 'powered off',
  converts: 'converted',
  merges: 'converted',
  finalizes: 'copied for the last time',
};

/** A kind without a row does not compile. The order is that in which the fields of a disk's change are told. */
export const actionTable: { readonly [K in ActionKind]: ActionRow<K> } = {
  'release-attachment': releaseAttachment,
  'release-snapshot': releaseSnapshot,
  'discard-overlays': discardOverlays,
  'enable-cbt': enableCbt,
  'create-volume': createVolume,
  sync,
  'set-image-metadata': setImageMetadata,
  'power-off': powerOff,
  convert,
  'commit-conversion': commitConversion,
  'mark-converted': markConverted,
  'finalize-copy': finalizeCopy,
  'create-server': createServer,
};

const rowOf = <K extends ActionKind>(action: ActionMap[K] & { readonly kind: K }): ActionRow<K> =>
  actionTable[action.kind] as ActionRow<K>;

/** The step of a cutover that an action is. */
export const cutoverOf = ({ kind }: Action): CutoverStep | 'none' => actionTable[kind].cutover;

/** Cannot be taken back by running migplan again. */
export const isIrreversible = (action: Action): boolean => cutoverOf(action) !== 'none';

export const powersOff = (action: Action): boolean => cutoverOf(action) === 'powers-off';

/** What an action copies, disk by disk. */
export const copiesOf = (action: Action): readonly DiskSync[] => rowOf(action as never).copies(action as never);

/** What somebody approves who lets these be done. */
export const asksFor = (actions: readonly Action[]): ApprovalKind[] => {
  const asked = new Set(actions.flatMap((action) => rowOf(action as never).asks(action as never)));
  return approvalKinds.filter((kind) => asked.has(kind));
};

/** Every disk that an action names. */
export const disksOf = (action: Action): readonly DiskKey[] => rowOf(action as never).disks(action as never);

/** Whether the volume of a disk is made, written or changed by an action. */
export const touches = (action: Action, disk: DiskKey): boolean =>
  actionTable[action.kind].volumes !== 'none' && disksOf(action).includes(disk);

export const makesVolume = ({ kind }: Action): boolean => actionTable[kind].volumes === 'made';

/** Disks whose volumes programs of this machine write to. */
export const disksWrittenBy = (action: Action): readonly DiskKey[] =>
  actionTable[action.kind].needs === 'none' ? [] : disksOf(action);

/** Whether no sync writes to the volumes any more afterwards. */
export const makesFinal = ({ kind }: Action): boolean => actionTable[kind].volumes === 'final';

export const needsPrograms = ({ kind }: Action, which: 'transfer' | 'conversion'): boolean => actionTable[kind].needs === which;

/** What happens to a VM that a reviewer must not miss, each word once: `powered off, converted`. */
export const wordsOf = (actions: readonly Action[]): string[] => [
  ...new Set(actions.map(cutoverOf).flatMap((step) => (step === 'none' ? [] : [WORDS[step]]))),
];

/** What these actions use the privileges of the source's account for. */
export const usesOf = (actions: readonly Action[]): ReadonlySet<SourceUse> =>
  new Set(actions.flatMap(({ kind }) => actionTable[kind].uses));

/** What the first action of each kind makes of a disk that all of them touch. */
export const diskChanges = (touching: readonly Action[], whose: Whose): DiskChange[] =>
  Object.entries(actionTable).flatMap(([kind, { change }]) => {
    const action = touching.find((one) => one.kind === kind);
    return action === undefined || change === 'none' ? [] : [change(action as never, whose)];
  });
