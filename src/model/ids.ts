import type { Brand } from './brand.js';

/** VMware virtual device key of a disk, for example 2000. Stable while attached, recycled after a detach. */
export type DiskKey = Brand<number, 'DiskKey'>;
/** Managed object reference of a VM, `vm-42`. Unique within one vCenter only; never an identity by itself. */
export type VmRef = Brand<string, 'VmRef'>;
/** Managed object reference of a snapshot, `snapshot-77`. */
export type SnapshotRef = Brand<string, 'SnapshotRef'>;
export type VolumeId = Brand<string, 'VolumeId'>;
export type AttachmentId = Brand<string, 'AttachmentId'>;
export type ServerId = Brand<string, 'ServerId'>;
/** Identifies one run of apply: 12 lower-case base-36 characters. */
export type RunId = Brand<string, 'RunId'>;

export const diskKey = (key: number): DiskKey => key as DiskKey;
export const vmRef = (ref: string): VmRef => ref as VmRef;
export const snapshotRef = (ref: string): SnapshotRef => ref as SnapshotRef;
export const volumeId = (id: string): VolumeId => id as VolumeId;
export const attachmentId = (id: string): AttachmentId => id as AttachmentId;
export const serverId = (id: string): ServerId => id as ServerId;
export const runId = (id: string): RunId => id as RunId;

export const GiB = 2 ** 30;
export const MiB = 2 ** 20;
