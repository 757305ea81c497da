import { MiB } from './ids.js';

/**
 * What an encrypted volume's header takes of its size, so that the disk in it is smaller. By LUKS's format about 2 MiB in
 * version 1 and 16 MiB in version 2, as cryptsetup and qemu-img make them; which one a volume has, Cinder does not tell.
 */
export const luksHeader = { least: MiB, most: 16 * MiB } as const;
