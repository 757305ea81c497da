import type { SimClock } from '../clock.js';
import { prng } from '../prng.js';
import { MoRef } from '../soap/value.js';
import { notFoundObject } from '../soap/vim-fault.js';
import type { CbtConfig, SnapshotConfig, WorldConfig } from '../world-config.js';
import type { Snapshot, Vm } from './vm.js';

export interface Folder {
  readonly ref: MoRef;
  readonly name: string;
  readonly parent: MoRef | undefined;
  readonly childTypes: readonly string[];
  readonly children: MoRef[];
}

export interface Datacenter {
  readonly ref: MoRef;
  readonly name: string;
  readonly parent: MoRef;
  readonly vmFolder: MoRef;
  readonly hostFolder: MoRef;
  readonly datastoreFolder: MoRef;
  readonly networkFolder: MoRef;
  readonly cluster: MoRef;
}

export interface Host {
  readonly ref: MoRef;
  readonly name: string;
  readonly parent: MoRef;
  readonly version: string;
  readonly build: string;
  readonly connectionState: string;
}

export interface Datastore {
  readonly ref: MoRef;
  readonly name: string;
  readonly parent: MoRef;
  readonly datacenter: MoRef;
  readonly type: string;
  readonly capacityBytes: number;
  freeBytes: number;
}

export interface Network {
  readonly ref: MoRef;
  readonly name: string;
  readonly parent: MoRef;
  readonly datacenter: MoRef;
  readonly kind: 'standard' | 'distributed' | 'opaque';
}

export interface Cluster {
  readonly ref: MoRef;
  readonly name: string;
  readonly parent: MoRef;
  readonly datacenter: MoRef;
  readonly resourcePool: MoRef;
  readonly hosts: MoRef[];
}

/** One disk of one snapshot, remembered after the snapshot is gone. */
export interface HistoryEntry {
  readonly vm: string;
  readonly snapshot: string;
  readonly snapshotName: string;
  readonly diskKey: number;
  readonly diskUuid: string;
  readonly capacity: number;
  readonly changeId: string | undefined;
  readonly imagePath: string;
}

/** What tests like to count. */
export interface Counters {
  snapshotsCreated: number;
  snapshotsRemoved: number;
  powerOffs: number;
  shutdowns: number;
  powerOns: number;
}

/** All simulated state but sessions and tasks. Mutated only by the files beside this one. */
export class World {
  readonly random: () => number;
  readonly rootFolder = new MoRef('Folder', 'group-d1');
  readonly folders = new Map<string, Folder>();
  readonly datacenters = new Map<string, Datacenter>();
  readonly clusters = new Map<string, Cluster>();
  readonly hosts = new Map<string, Host>();
  readonly datastores = new Map<string, Datastore>();
  readonly networks = new Map<string, Network>();
  readonly vms = new Map<string, Vm>();
  readonly history: HistoryEntry[] = [];
  readonly counters: Counters = { snapshotsCreated: 0, snapshotsRemoved: 0, powerOffs: 0, shutdowns: 0, powerOns: 0 };
  cbt: CbtConfig;
  snapshots: SnapshotConfig;
  private lastId = 100;

  constructor(
    readonly config: WorldConfig,
    readonly directory: string,
    readonly clock: SimClock,
  ) {
    this.random = prng(config.seed ?? 1);
    this.cbt = config.cbt ?? {};
    this.snapshots = config.snapshots ?? {};
  }

  /** Numbers are shared by all kinds of objects and never reused. */
  nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  vm(ref: MoRef): Vm {
    const vm = ref.type === 'VirtualMachine' ? this.vms.get(ref.value) : undefined;
    if (vm === undefined) throw notFoundObject(ref);
    return vm;
  }

  /** The VM and the snapshot in it. */
  snapshot(ref: MoRef): { vm: Vm; snapshot: Snapshot } {
    for (const vm of this.vms.values()) {
      const snapshot = vm.snapshots.get(ref.value);
      if (snapshot !== undefined && ref.type === 'VirtualMachineSnapshot') return { vm, snapshot };
    }
    throw notFoundObject(ref);
  }
}
