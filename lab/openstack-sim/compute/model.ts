import type { FlavorConfig, HypervisorConfig, ResolvedConfig } from '../config.js';
import type { HostDevices } from './host-devices.js';

export interface Flavor {
  readonly id: string;
  readonly name: string;
  readonly vcpus: number;
  readonly ramMiB: number;
}

/** A volume a server has, in the order of its block device mapping. */
export interface ServerVolume {
  readonly volumeId: string;
  readonly attachmentId: string;
  /** -1: not for booting. */
  readonly bootIndex: number;
  readonly deleteOnTermination: boolean;
  readonly bus: string;
  /** Kernel name, such as vda. */
  readonly device: string;
  readonly tag: string | null;
  /** Added while the server ran: it takes a hot-plug slot. */
  hotPlugged: boolean;
}

/** What libvirt was given when the guest was first built; it stays through stop, start and reboot. */
export interface GuestDomain {
  /** The root volume's image metadata at first boot, with the machine type that was chosen then: Nova keeps it. */
  readonly builtWith: ReadonlyMap<string, string>;
  /** Canonical, such as pc-q35-7.2. */
  readonly machineType: string;
  readonly firmware: 'bios' | 'uefi';
  readonly secureBoot: boolean;
  readonly osType: string | null;
  readonly guestAgent: boolean;
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly disks: readonly GuestDisk[];
  readonly interfaces: readonly GuestInterface[];
}

export interface GuestDisk {
  readonly device: string;
  readonly bus: string;
  /** The volume's id. */
  readonly serial: string;
  readonly bootIndex: number;
  readonly file: string;
}

export interface GuestInterface {
  readonly portId: string;
  readonly networkId: string;
  readonly macAddress: string;
  readonly model: string;
}

export interface ActionEvent {
  readonly event: string;
  readonly startMs: number;
  finishMs: number | null;
  result: 'Success' | 'Error' | null;
}

export interface InstanceAction {
  readonly action: string;
  readonly requestId: string;
  readonly userId: string;
  readonly startMs: number;
  /** `Error` when something failed later; null otherwise. */
  message: 'Error' | null;
  readonly events: ActionEvent[];
}

export interface Server {
  readonly id: string;
  name: string;
  readonly projectId: string;
  readonly userId: string;
  readonly flavor: Flavor;
  readonly keyName: string | null;
  readonly availabilityZone: string;
  status: 'BUILD' | 'ACTIVE' | 'SHUTOFF' | 'ERROR';
  taskState: string | null;
  fault: { readonly code: number; readonly message: string; readonly createdMs: number } | undefined;
  metadata: Map<string, string>;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly configDrive: boolean;
  /** Attributes that others gave it, shown as they are: `locked`, `server_groups`. */
  readonly attributes: Record<string, unknown>;
  readonly volumes: ServerVolume[];
  readonly portIds: readonly string[];
  readonly actions: InstanceAction[];
  domain: GuestDomain | undefined;
  readonly createdMs: number;
  updatedMs: number;
}

export interface Compute {
  readonly flavors: readonly Flavor[];
  readonly servers: Map<string, Server>;
  /** Can be changed while running, by the control API. */
  readonly hypervisor: { -readonly [K in keyof HypervisorConfig]: HypervisorConfig[K] };
  /** The server that is this machine, and what it shows of its disks. */
  conversionHost: { readonly id: string; readonly devices: HostDevices } | undefined;
}

export function createCompute(config: ResolvedConfig): Compute {
  const flavors = config.flavors.map(({ name, id = name, vcpus, ramMiB }: FlavorConfig) => ({ id, name, vcpus, ramMiB }));
  return { flavors, servers: new Map(), hypervisor: { ...config.hypervisor }, conversionHost: undefined };
}
