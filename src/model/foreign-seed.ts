import type { DiskKey } from './ids.js';
import type { ObservedVm } from './observed-source.js';

/** Tools that note on a volume that they began it. */
export type SeedTool = 'vmware-migration-kit' | 'migratekit';

/** VM and disk that a tool's notes name, as they stand there. */
export interface SeedNotes {
  /** Managed object reference: another vCenter may have a VM of the same one. */
  readonly vm: string;
  /** The disk's key (`2000`), or with the VM's number in front of it (`42-2000`). */
  readonly disk: string;
}

/** What a volume without a record of ours says that another tool began. */
export interface SeedReading {
  readonly tool: SeedTool;
  /** Its bytes are those of a converted guest. */
  readonly converted: boolean;
  /** Absent: the tool knows its volumes by their names. */
  readonly notes?: SeedNotes;
}

/** A volume that another tool began, and what says that it is of this disk. Evidence, and no proof: content is. */
export interface ForeignSeed {
  readonly tool: SeedTool;
  /** name: it is called as the tool, or this program, calls the volume of this disk. notes: VM and disk stand in its metadata. */
  readonly foundBy: 'name' | 'notes';
}

type SourceDisk = { readonly vm: Pick<ObservedVm, 'name' | 'ref'>; readonly disk: DiskKey };

/** undefined: what it says of itself is about another VM or disk. Its name is looked at by whoever found it. */
export function seedOf(reading: SeedReading, subject: SourceDisk): ForeignSeed | undefined {
  const { tool, notes } = reading;
  if (notes === undefined) return { tool, foundBy: 'name' };
  return areAbout(notes, subject) ? { tool, foundBy: 'notes' } : undefined;
}

const areAbout = (notes: SeedNotes, { vm, disk }: SourceDisk): boolean =>
  notes.vm === vm.ref && (notes.disk === String(disk) || notes.disk.endsWith(`-${disk}`));

/**
 * What vmware-migration-kit calls the volume of a disk; each of its releases writes the VM's name in a way of its own: as it is, with `_`
 * for all but letters and digits, or with `-` kept, runs of it made one, and no more than 64 characters.
 */
export const kitVolumeNames = (vmName: string, disk: DiskKey): string[] => [
  ...new Set([vmName, vmName.replace(/\W/g, '_'), plainKitName(vmName)].map((name) => `${name}-${disk}`)),
];

const plainKitName = (vmName: string): string =>
  vmName
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\w-]/g, '_')
    .replace(/-+/g, '-')
    .slice(0, KIT_NAME_MAX)
    .replace(/[-_]+$/, '');

const KIT_NAME_MAX = 64;
