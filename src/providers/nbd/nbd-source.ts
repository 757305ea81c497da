import { relative } from 'node:path';
import type { SourceProvider } from '../../contracts/source-provider.js';
import type { VmSelector } from '../../model/desired.js';
import { type VmRef, vmRef } from '../../model/ids.js';
import type { ObservedVm, VmLookup } from '../../model/observed-source.js';
import type { NbdConfig, NbdDependencies } from './config.js';
import { sameContent, uuidOf } from './content.js';
import { cannotSwitch, noTracking, notFound, notTheSame } from './errors.js';
import { Machines } from './find-machine.js';
import { writtenByQemu } from './image/locks.js';
import { imageFolders } from './image-folders.js';
import { type LookedAt, lookAtDisk } from './look-at-disk.js';
import type { Machine, MachineDisk } from './machine.js';
import { MachineSnapshots } from './machine-snapshots.js';
import { observedVm } from './observe-machine.js';
import { readMachines } from './read-machines.js';
import { sizeOfExport } from './size-of-export.js';

/**
 * Machines that are off, each described by a file, as a place where VMs come from. Nothing of them is ever changed. There is no
 * changed block tracking; whether an image is still the one that was copied is told by its file. Throws DiagnosticsError with all
 * that is wrong in machine files.
 */
export async function openNbd(config: NbdConfig, dependencies: NbdDependencies): Promise<SourceProvider> {
  const machines = await readMachines(config, dependencies);
  return new NbdSource(config, dependencies, machines);
}

class NbdSource implements SourceProvider {
  readonly name: string;
  private readonly snapshots: MachineSnapshots;
  private readonly folders: readonly string[];

  constructor(
    private readonly config: NbdConfig,
    private readonly dependencies: NbdDependencies,
    private readonly machines: readonly Machine[],
  ) {
    this.name = config.name;
    this.folders = imageFolders(config);
    this.snapshots = new MachineSnapshots({
      ...dependencies,
      provider: config.name,
      certificates: config.certificates,
      look: async (disk) => this.look(disk, await writtenByQemu()),
    });
  }

  async identify() {
    const places = this.config.machines.map((path) => relative(this.config.folder, path) || '.');
    return { kind: 'nbd', endpoint: places.join(', '), id: uuidOf(this.name, ...places) } as const;
  }

  async observe(selectors: readonly VmSelector[]): Promise<readonly VmLookup[]> {
    const written = await writtenByQemu();
    const machines = new Machines(this.machines);
    return Promise.all(
      selectors.map(async (selector): Promise<VmLookup> => {
        const finding = machines.find(selector);
        return finding.kind === 'found'
          ? { kind: 'found', vm: await this.observed(finding.machine, written) }
          : { ...finding, check: "check the name, and the provider's machine files" };
      }),
    );
  }

  async list(): Promise<readonly ObservedVm[]> {
    const written = await writtenByQemu();
    return Promise.all(this.machines.map((machine) => this.observed(machine, written)));
  }

  async powerState(vm: VmRef) {
    const { power } = await this.observed(this.machine(vm, 'power state'), await writtenByQemu());
    return power;
  }

  // Nothing is tracked, so there is no delta that a revert could spoil.
  history = async () => ({ snapshots: [] });

  enableChangeTracking = async (): Promise<never> => {
    throw noTracking({ provider: this.name, call: 'change tracking' }, 'image files have no changed block tracking');
  };

  async createSnapshot(vm: VmRef, request: { readonly name: string; readonly description: string }) {
    return this.snapshots.take(this.machine(vm, 'hold images'), vm, request);
  }

  removeSnapshot: SourceProvider['removeSnapshot'] = (_vm, snapshot) => this.snapshots.remove(snapshot);

  changedExtents: SourceProvider['changedExtents'] = async ({ disks }, disk, since) => {
    const now = disks.find(({ key }) => key === disk)?.changeId;
    if (now !== undefined && sameContent(now, since)) return [];
    throw notTheSame({ provider: this.name, call: 'changed extents' }, 'what changed in an image since is not told');
  };

  reader: SourceProvider['reader'] = async (snapshot, disk) => this.snapshots.reader(snapshot, disk);

  readerNeeds = () => [];

  shutdownGuest = (vm: VmRef) => this.requireOff(vm);

  powerOff = (vm: VmRef) => this.requireOff(vm);

  [Symbol.asyncDispose] = () => this.snapshots[Symbol.asyncDispose]();

  private async requireOff(vm: VmRef): Promise<void> {
    if ((await this.powerState(vm)) === 'off') return;
    throw cannotSwitch(
      { provider: this.name, call: 'power off' },
      'images of it are in use, and it cannot be switched off from here',
    );
  }

  private machine(vm: VmRef, call: string): Machine {
    const machine = this.machines.find(({ uuid }) => vmRef(uuid) === vm);
    if (machine === undefined) throw notFound({ provider: this.name, call }, `there is no machine ${vm}`);
    return machine;
  }

  private async observed(machine: Machine, written: ReadonlySet<string>): Promise<ObservedVm> {
    const disks = await Promise.all(machine.disks.map((disk) => this.look(disk, written)));
    return observedVm(machine, { disks, snapshots: this.snapshots.of(vmRef(machine.uuid)) });
  }

  private look(disk: MachineDisk, written: ReadonlySet<string>): Promise<LookedAt> {
    const { programs } = this.dependencies;
    const { certificates } = this.config;
    return lookAtDisk(disk, { folders: this.folders, written, sizeOf: (uri) => sizeOfExport(uri, { programs, certificates }) });
  }
}
