import type { VmRef } from '../model/ids.js';
import type { SourceUse } from '../model/source-use.js';

/**
 * How it is known that a privilege is needed. certain: the call demands it. documented: the vendor's guide to what reads the
 * disks names it. uncertain: only guides of other products that read disks in this way do.
 */
export type PrivilegeEvidence = 'certain' | 'documented' | 'uncertain';

/** Whether the account has one privilege on one object. */
export interface PrivilegeCheck {
  readonly privilege: string;
  readonly use: SourceUse;
  readonly evidence: PrivilegeEvidence;
  /** In the source's words: `VirtualMachine vm-42`, `Datastore datastore-11 (ds1)`. */
  readonly object: string;
  /** Absent: the object is no VM. */
  readonly vm?: VmRef;
  readonly verdict: 'allowed' | 'refused' | 'unknown';
  /** Of what is unknown: the reason. */
  readonly why?: string;
}

export interface PrivilegeQuestion {
  /** None: the place where all VMs of the source lie. */
  readonly vms: readonly VmRef[];
  /** Whether the storage that the VMs are on is asked about, too. */
  readonly storage: boolean;
}
