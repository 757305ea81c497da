import type { DiskKey } from './ids.js';

declare const order: unique symbol;

/**
 * The disks of one guest, the boot disk first: the order for virt-v2v and for the server alike. Only bootFirst makes one, so that
 * no second order can come up: a server that boots another volume than the converted one runs nothing.
 */
export type BootFirst = readonly DiskKey[] & { readonly [order]: 'boot disk first' };

/** `boot`, then all others in the order given. */
export const bootFirst = (boot: DiskKey, all: readonly DiskKey[]): BootFirst =>
  [boot, ...all.filter((key) => key !== boot)] as readonly DiskKey[] as BootFirst;
