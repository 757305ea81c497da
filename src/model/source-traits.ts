/**
 * What a kind of source can do, and what has to be done with its guests. Planner and apply decide by these, and never by which provider
 * it is; a provider says them of each VM.
 */
export interface SourceTraits {
  /** cbt: changed blocks are tracked, so that deltas can follow a copy. none: every copy is of the whole disk. */
  readonly tracking: 'cbt' | 'none';
  /** virt-v2v: the guest was made for another hypervisor. none: it runs on KVM already and is copied as it is. */
  readonly conversion: 'virt-v2v' | 'none';
  /** agent: a shutdown is asked of a program in the guest, and cannot be without it. acpi: of the guest's firmware. */
  readonly shutdown: 'agent' | 'acpi';
  /** target-names: a network that is called the same as one of the target is meant. port-groups: names say nothing of the target's. */
  readonly networks: 'target-names' | 'port-groups';
  /** cheap: a snapshot's disk can be opened as it is. may-copy: a back end may copy all of a disk before it can be read. */
  readonly opening: 'cheap' | 'may-copy';
}

/** vSphere. */
export const vsphereTraits: SourceTraits = {
  tracking: 'cbt',
  conversion: 'virt-v2v',
  shutdown: 'agent',
  networks: 'port-groups',
  opening: 'cheap',
};

/** A server of an OpenStack cloud. */
export const openstackTraits: SourceTraits = {
  tracking: 'none',
  conversion: 'none',
  shutdown: 'acpi',
  networks: 'target-names',
  opening: 'may-copy',
};
