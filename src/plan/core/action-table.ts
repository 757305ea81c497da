import { type ApprovalKind, approvalKinds } from '../../model/approval-kinds.js';
import type { DiskKey } from '../../model/ids.js';
import { own } from '../../model/own.js';
import type { Action, ActionKind, ActionMap, DiskSync } from './action.js';

/** merges: what an interrupted conversion left is completed. finalizes: copies become final without a conversion. */
export type CutoverStep = 'powers-off' | 'converts' | 'merges' | 'finalizes';

/** What the VM is after a step, in a line that a reviewer must not miss: `powered off, converted`. */
const WORDS: Readonly<Record<CutoverStep, string>> = {
  'powers-off': 'powered off',
  converts: 'converted',
  merges: 'converted',
  finalizes: 'copied for the last time',
};

/** What holds for every action of a kind. A kind without a row does not compile; how its fields are reviewed stands in file/field-rules.ts. */
interface ActionRow<A> {
  /** Every disk that the action names, in its order. */
  readonly disks: (action: A) => readonly DiskKey[];
  /** What becomes of the volumes of these disks. final: no sync writes to them any more. none: they are taken as they are. */
  readonly volumes: 'made' | 'changed' | 'final' | 'none';
  /** What it copies, disk by disk. */
  readonly copies: (action: A) => readonly DiskSync[];
  /** The step of a cutover that it is; none of them can be taken back by running migplan again. */
  readonly cutover: CutoverStep | 'none';
  /** Programs of the machine that does it, which write to the volumes. */
  readonly needs: 'transfer' | 'conversion' | 'none';
  /** What somebody approves who lets it be done. */
  readonly asks: (action: A) => readonly ApprovalKind[];
}

const ofDisk = ({ disk }: { readonly disk: DiskKey }): readonly DiskKey[] => [disk];
const ofDisks = ({ disks }: { readonly disks: readonly DiskKey[] }): readonly DiskKey[] => disks;
const MACHINE_TYPE = 'hw_machine_type';

const ofNone = (): readonly never[] => [];
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
  'release-snapshot': { disks: ofNone, volumes: 'none', copies: ofNone, cutover: 'none', needs: 'none', asks: asks('sync') },
  'release-attachment': { disks: ofDisk, volumes: 'changed', copies: ofNone, cutover: 'none', needs: 'none', asks: asks('sync') },
  'discard-overlays': { disks: ofDisks, volumes: 'none', copies: ofNone, cutover: 'none', needs: 'none', asks: asks('sync') },
  'enable-cbt': { disks: ofNone, volumes: 'none', copies: ofNone, cutover: 'none', needs: 'none', asks: asks('seed') },
  'create-volume': { disks: ofDisk, volumes: 'made', copies: ofNone, cutover: 'none', needs: 'none', asks: asks('seed') },
  'set-image-metadata': {
    disks: ofDisk,
    volumes: 'changed',
    copies: ofNone,
    cutover: 'none',
    needs: 'none',
    asks: asksOfMetadata,
  },
  sync: {
    disks: ({ disks }) => disks.map(({ disk }) => disk),
    volumes: 'changed',
    copies: ({ disks }) => disks,
    cutover: 'none',
    needs: 'transfer',
    asks: asksOfSync,
  },
  'power-off': { disks: ofNone, volumes: 'none', copies: ofNone, cutover: 'powers-off', needs: 'none', asks: asks('cutover') },
  convert: { disks: ofDisks, volumes: 'final', copies: ofNone, cutover: 'converts', needs: 'conversion', asks: asks('cutover') },
  'commit-conversion': {
    disks: ofDisks,
    volumes: 'final',
    copies: ofNone,
    cutover: 'merges',
    needs: 'conversion',
    asks: asks('cutover'),
  },
  'finalize-copy': {
    disks: ofDisks,
    volumes: 'final',
    copies: ofNone,
    cutover: 'finalizes',
    needs: 'none',
    asks: asks('cutover'),
  },
  'create-server': { disks: ofDisks, volumes: 'none', copies: ofNone, cutover: 'none', needs: 'none', asks: asks('cutover') },
};

const rowOf = <K extends ActionKind>(action: ActionMap[K] & { readonly kind: K }): ActionRow<ActionMap[K]> =>
  actionTable[action.kind];

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
