import { type ApprovalKind, approvalKinds } from '../../model/approval-kinds.js';
import type { DiskKey } from '../../model/ids.js';
import { own } from '../../model/own.js';
import type { Action, ActionKind, ActionMap, DiskSync } from './action.js';

/** What holds for every action of a kind. A kind without a row does not compile; how its fields are reviewed stands in file/field-rules.ts. */
interface ActionRow<A> {
  /** Every disk that the action names, in its order. */
  readonly disks: (action: A) => readonly DiskKey[];
  /** What becomes of the volumes of these disks. final: no sync writes to them any more. none: they are taken as they are. */
  readonly volumes: 'changed' | 'final' | 'none';
  /** What somebody approves who lets it be done. */
  readonly asks: (action: A) => readonly ApprovalKind[];
  /** Cannot be taken back by running migplan again. */
  readonly irreversible?: true;
  /** Programs of the machine that does it. */
  readonly needs?: 'transfer' | 'conversion';
  /** What the VM is then, in a line that a reviewer must not miss: `powered off, converted`. Absent: not worth a word there. */
  readonly word?: string;
}

const ofDisk = ({ disk }: { readonly disk: DiskKey }): readonly DiskKey[] => [disk];
const ofDisks = ({ disks }: { readonly disks: readonly DiskKey[] }): readonly DiskKey[] => disks;
const MACHINE_TYPE = 'hw_machine_type';

const ofNone = (): readonly DiskKey[] => [];
const asks = (kind: ApprovalKind) => (): readonly ApprovalKind[] => [kind];

/** A machine type that stands where none was is part of a first copy. */
const asksOfMetadata = ({ set, unset, before }: ActionMap['set-image-metadata']): readonly ApprovalKind[] => {
  const had = own(before, MACHINE_TYPE);
  if (had === undefined) return ['seed'];
  const changes = unset.includes(MACHINE_TYPE) || (own(set, MACHINE_TYPE) ?? had) !== had;
  return [changes ? 'machine-type' : 'sync'];
};

const asksOfSync = ({ disks }: ActionMap['sync']): readonly ApprovalKind[] => [...new Set(disks.map(asksOfDisk))];

const asksOfDisk = (disk: DiskSync): ApprovalKind => {
  if (disk.mode === 'delta') return 'sync';
  return disk.reason === 'reseed' || disk.reason === 'source-changed' ? 'reseed' : 'seed';
};

export const actionTable: { readonly [K in ActionKind]: ActionRow<ActionMap[K]> } = {
  'release-snapshot': { disks: ofNone, volumes: 'none', asks: asks('sync') },
  'release-attachment': { disks: ofDisk, volumes: 'changed', asks: asks('sync') },
  'discard-overlays': { disks: ofDisks, volumes: 'none', asks: asks('sync') },
  'enable-cbt': { disks: ofNone, volumes: 'none', asks: asks('seed') },
  'create-volume': { disks: ofDisk, volumes: 'changed', asks: asks('seed') },
  'set-image-metadata': { disks: ofDisk, volumes: 'changed', asks: asksOfMetadata },
  sync: { disks: ({ disks }) => disks.map(({ disk }) => disk), volumes: 'changed', asks: asksOfSync, needs: 'transfer' },
  'power-off': { disks: ofNone, volumes: 'none', asks: asks('cutover'), irreversible: true, word: 'powered off' },
  convert: {
    disks: ofDisks,
    volumes: 'final',
    asks: asks('cutover'),
    irreversible: true,
    needs: 'conversion',
    word: 'converted',
  },
  'commit-conversion': {
    disks: ofDisks,
    volumes: 'final',
    asks: asks('cutover'),
    irreversible: true,
    needs: 'conversion',
    word: 'converted',
  },
  'finalize-copy': {
    disks: ofDisks,
    volumes: 'final',
    asks: asks('cutover'),
    irreversible: true,
    word: 'copied for the last time',
  },
  'create-server': { disks: ofDisks, volumes: 'none', asks: asks('cutover') },
};

const rowOf = <K extends ActionKind>(action: ActionMap[K] & { readonly kind: K }): ActionRow<ActionMap[K]> =>
  actionTable[action.kind];

export const isIrreversible = ({ kind }: Action): boolean => actionTable[kind].irreversible === true;

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

/** Whether no sync writes to the volumes any more afterwards. */
export const makesFinal = ({ kind }: Action): boolean => actionTable[kind].volumes === 'final';

export const needsPrograms = ({ kind }: Action, which: 'transfer' | 'conversion'): boolean => actionTable[kind].needs === which;

/** What happens to a VM that a reviewer must not miss, each word once: `powered off, converted`. */
export const wordsOf = (actions: readonly Action[]): string[] => [
  ...new Set(actions.flatMap(({ kind }) => actionTable[kind].word ?? [])),
];
