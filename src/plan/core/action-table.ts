import type { DiskKey } from '../../model/ids.js';
import type { Action, ActionKind, ActionMap } from './action.js';

/** What holds for every action of a kind. A kind without a row does not compile; how its fields are reviewed stands in file/field-rules.ts. */
interface ActionRow<A> {
  /** Every disk that the action names, in its order. */
  readonly disks: (action: A) => readonly DiskKey[];
  /** What becomes of the volumes of these disks. final: no sync writes to them any more. none: they are taken as they are. */
  readonly volumes: 'changed' | 'final' | 'none';
  /** Cannot be taken back by running migplan again. */
  readonly irreversible?: true;
  /** Programs of the machine that does it. */
  readonly needs?: 'transfer' | 'conversion';
  /** What the VM is then, in a line that a reviewer must not miss: `powered off, converted`. Absent: not worth a word there. */
  readonly word?: string;
}

const ofDisk = ({ disk }: { readonly disk: DiskKey }): readonly DiskKey[] => [disk];
const ofDisks = ({ disks }: { readonly disks: readonly DiskKey[] }): readonly DiskKey[] => disks;
const ofNone = (): readonly DiskKey[] => [];

export const actionTable: { readonly [K in ActionKind]: ActionRow<ActionMap[K]> } = {
  'release-snapshot': { disks: ofNone, volumes: 'none' },
  'release-attachment': { disks: ofDisk, volumes: 'changed' },
  'discard-overlays': { disks: ofDisks, volumes: 'none' },
  'enable-cbt': { disks: ofNone, volumes: 'none' },
  'create-volume': { disks: ofDisk, volumes: 'changed' },
  'set-image-metadata': { disks: ofDisk, volumes: 'changed' },
  sync: { disks: ({ disks }) => disks.map(({ disk }) => disk), volumes: 'changed', needs: 'transfer' },
  'power-off': { disks: ofNone, volumes: 'none', irreversible: true, word: 'powered off' },
  convert: { disks: ofDisks, volumes: 'final', irreversible: true, needs: 'conversion', word: 'converted' },
  'commit-conversion': { disks: ofDisks, volumes: 'final', irreversible: true, needs: 'conversion', word: 'converted' },
  'finalize-copy': { disks: ofDisks, volumes: 'final', irreversible: true, word: 'copied for the last time' },
  'create-server': { disks: ofDisks, volumes: 'none' },
};

const rowOf = <K extends ActionKind>(action: ActionMap[K] & { readonly kind: K }): ActionRow<ActionMap[K]> =>
  actionTable[action.kind];

export const isIrreversible = ({ kind }: Action): boolean => actionTable[kind].irreversible === true;

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
