import type { ApprovalKind } from '../../model/approval-kinds.js';
import type { DiskKey } from '../../model/ids.js';
import type { SourceUse } from '../../model/source-use.js';
import type { ActionKind, ActionMap, DiskSync } from './action.js';
import type { DiskChange, Whose } from './disk-change.js';
import type { FieldRules } from './field-rule.js';

/** merges: what an interrupted conversion left is completed. finalizes: copies become final without a conversion. */
export type CutoverStep = 'powers-off' | 'converts' | 'merges' | 'finalizes';

/** The disks of a sync are compared one by one, each with the reviewed sync of the same disk: see sync-rules.ts. */
interface OwnRules {
  readonly sync: FieldRules<Omit<ActionMap['sync'], 'disks'>> & { readonly disks: 'each' };
  readonly 'commit-conversion': FieldRules<ActionMap['commit-conversion'], ActionMap['commit-conversion'] | ActionMap['convert']>;
  readonly 'mark-converted': FieldRules<
    ActionMap['mark-converted'],
    ActionMap['mark-converted'] | ActionMap['commit-conversion'] | ActionMap['convert']
  >;
}

/** Everything that plans say, review and count of the actions of one kind; what does them is a handler of apply. */
export interface ActionRow<K extends ActionKind> {
  /** Every disk that the action names, in its order. */
  readonly disks: (action: ActionMap[K]) => readonly DiskKey[];
  /** What becomes of the volumes of these disks. final: no sync writes to them any more. none: they are taken as they are. */
  readonly volumes: 'made' | 'changed' | 'final' | 'none';
  /** What it copies, disk by disk. */
  readonly copies: (action: ActionMap[K]) => readonly DiskSync[];
  /** The step of a cutover that it is; none of them can be taken back by running migplan again. */
  readonly cutover: CutoverStep | 'none';
  /** Programs of the machine that does it, which write to the volumes. */
  readonly needs: 'transfer' | 'conversion' | 'none';
  /** What it uses the privileges of the source's account for. */
  readonly uses: readonly SourceUse[];
  /** What somebody approves who lets it be done. */
  readonly asks: (action: ActionMap[K]) => readonly ApprovalKind[];
  /** Reviewed kinds that allow it; cleanup of a dead run's leftovers needs none. */
  readonly allowedBy: readonly ActionKind[] | 'always';
  /** How each of its fields stands to that of the reviewed action. */
  readonly fields: K extends keyof OwnRules ? OwnRules[K] : FieldRules<ActionMap[K]>;
  /** What it makes of the resource of a disk. none: it changes no disk. */
  readonly change: ((action: ActionMap[K], disk: Whose) => DiskChange) | 'none';
}

export const ofDisk = ({ disk }: { readonly disk: DiskKey }): readonly DiskKey[] => [disk];
export const ofDisks = ({ disks }: { readonly disks: readonly DiskKey[] }): readonly DiskKey[] => disks;
export const ofNone = (): readonly never[] => [];
export const asks = (kind: ApprovalKind) => (): readonly ApprovalKind[] => [kind];
