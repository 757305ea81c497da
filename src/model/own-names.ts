import type { DiskKey } from './ids.js';

/** What the name of every snapshot of migplan begins with, by whichever run and machine it was taken. */
export const SNAPSHOT_NAME_PREFIX = 'migplan-';

/** Taken by migplan, as far as its name tells: of this run, or of any other. */
export const isOwnSnapshot = ({ name }: { readonly name: string }): boolean => name.startsWith(SNAPSHOT_NAME_PREFIX);

/** What the volume of a disk is called when it is made, and what a volume is called that is taken for it. */
export const volumeName = (migration: string, disk: DiskKey): string => `${migration}-${disk}`;
