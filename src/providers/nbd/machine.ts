import type { DiskKey } from '../../model/ids.js';

export type ImageFormat = 'raw' | 'qcow2' | 'vmdk';

/** As a machine file says it. */
export interface MachineDisk {
  readonly key: DiskKey;
  readonly label: string;
  /** As written; with the machine's uuid its identity. */
  readonly source: string;
  /** Absolute; `format` is what the file is read as, whatever it looks like. Or an export of an NBD server, whose bytes are the disk's. */
  readonly location: { readonly path: string; readonly format: ImageFormat } | { readonly uri: string };
}

/** A machine that is off, as its file describes it. */
export interface Machine {
  readonly name: string;
  readonly uuid: string;
  readonly firmware: 'bios' | 'efi';
  readonly secureBoot: boolean;
  readonly machineType?: string;
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly guest: 'linux' | 'windows' | 'other';
  readonly conversion: 'none' | 'virt-v2v';
  /** In guest order. */
  readonly disks: readonly MachineDisk[];
  /** Absent: the file names none, and the first is taken. */
  readonly bootDisk?: DiskKey;
  readonly nics: readonly { readonly mac: string; readonly network: string }[];
}
