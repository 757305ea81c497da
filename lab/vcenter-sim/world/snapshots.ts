import { join } from 'node:path';
import { MoRef } from '../soap/value.js';
import { VimFault } from '../soap/vim-fault.js';
import { CbtMap, changeIdOf } from './cbt-map.js';
import type { Readers } from './readers.js';
import { activateCbt } from './tracking.js';
import { type Disk, type FrozenDisk, isIndependent, type Snapshot, type Vm } from './vm.js';
import type { World } from './world.js';

const NAME_LENGTH_MAX = 80;
const LEVELS_MAX = 32;
/** A datastore with less than this free takes no delta disks. */

export interface SnapshotRequest {
  readonly name: string;
  readonly description: string;
  readonly memory: boolean;
  readonly quiesce: boolean;
}

/** What a real server refuses before it starts the task. */
export function checkSnapshotRequest(vm: Vm, { name, memory }: SnapshotRequest): void {
  if (name.length > NAME_LENGTH_MAX || name === '') throw new VimFault('InvalidName', { name });
  if (memory && vm.disks.some(isIndependent)) throw new VimFault('MemorySnapshotOnIndependentDisk');
}

/** Takes a snapshot of all disks that take part in snapshots, at one instant. Call inside `exclusively`. */
export async function createSnapshot(world: World, vm: Vm, request: SnapshotRequest): Promise<Snapshot> {
  refuseUnsuitable(vm);
  const isQuiesced = request.quiesce && vm.power === 'poweredOn' && vm.isToolsRunning;
  activateCbt(world, vm);
  const id = world.nextId();
  const ref = new MoRef('VirtualMachineSnapshot', `snapshot-${id}`);
  const disks: FrozenDisk[] = [];
  for (const disk of vm.disks) if (!isIndependent(disk)) disks.push(await freezeDisk(world, vm, { disk, snapshot: ref }));
  const snapshot: Snapshot = {
    ref,
    id,
    disks,
    isQuiesced,
    vm: vm.ref,
    name: request.name,
    description: request.description,
    createTime: world.clock.now(),
    state: request.memory ? vm.power : 'poweredOff',
    settings: vm.settings,
    isCbtWanted: vm.isCbtWanted,
    parent: vm.currentSnapshot,
  };
  vm.snapshots.set(ref.value, snapshot);
  vm.currentSnapshot = ref;
  vm.changeVersion += 1;
  world.counters.snapshotsCreated += 1;
  remember(world, snapshot);
  return snapshot;
}

function refuseUnsuitable(vm: Vm): void {
  const shared = vm.disks.find((disk) => disk.sharing !== 'sharingNone' || disk.sharedBus !== 'noSharing');
  const physical = vm.disks.find((disk) => ['rdm-physical', 'raw'].includes(disk.backing) && !isIndependent(disk));
  if (shared !== undefined || physical !== undefined) {
    throw new VimFault('SnapshotIncompatibleDeviceInVm', {
      fault: { $type: 'LocalizedMethodFault', fault: { $type: 'NotSupported' } },
    });
  }
  if (vm.settings.faultTolerant) throw new VimFault('SnapshotDisabled');
  if (vm.power === 'poweredOff' && vm.settings.template) throw new VimFault('NotSupported');
  if (depthOf(vm) >= LEVELS_MAX) throw new VimFault('TooManySnapshotLevels');
}

function depthOf(vm: Vm): number {
  let depth = 0;
  for (let at = vm.currentSnapshot; at !== undefined; at = vm.snapshots.get(at.value)?.parent) depth += 1;
  return depth;
}

async function freezeDisk(world: World, vm: Vm, options: { disk: Disk; snapshot: MoRef }): Promise<FrozenDisk> {
  const { disk, snapshot } = options;
  const imagePath = join(world.directory, 'images', vm.ref.value, `frozen-${snapshot.value}-${disk.key}.raw`);
  await disk.image.freeze(imagePath);
  const { image, cbt, fileName, isCbtIncomplete: _, ...hardware } = disk;
  disk.fileName = nextFileName(vm, fileName);
  return { ...hardware, fileName, imagePath, capacity: image.capacity, cbt: cbt?.freeze() };
}

/** `name.vmdk`, `name-000001.vmdk`, … the lowest number no file of the chain has. */
function nextFileName(vm: Vm, fileName: string): string {
  const stem = fileName.replace(/(-\d{6})?\.vmdk$/, '');
  const used = new Set([...vm.disks, ...[...vm.snapshots.values()].flatMap(({ disks }) => disks)].map((disk) => disk.fileName));
  used.add(fileName);
  for (let number = 1; ; number++) {
    const candidate = `${stem}-${String(number).padStart(6, '0')}.vmdk`;
    if (!used.has(candidate)) return candidate;
  }
}

function remember(world: World, { ref, vm, name, disks }: Snapshot): void {
  for (const disk of disks) {
    world.history.push({
      vm: vm.value,
      snapshot: ref.value,
      snapshotName: name,
      diskKey: disk.key,
      diskUuid: disk.uuid,
      capacity: disk.capacity,
      changeId: disk.cbt === undefined ? undefined : changeIdOf(disk.cbt),
      imagePath: disk.imagePath,
    });
  }
}

/** Direct children of a snapshot. */
export const childrenOf = (vm: Vm, ref: MoRef): Snapshot[] =>
  [...vm.snapshots.values()].filter(({ parent }) => MoRef.isEqual(parent, ref));

export interface RemovalOptions {
  readonly removeChildren: boolean;
  readonly readers: Readers;
}

/** Removes a snapshot and merges its files into their dependants. Call inside `exclusively`. */
export async function removeSnapshot(world: World, ref: MoRef, options: RemovalOptions): Promise<void> {
  const { vm, snapshot } = world.snapshot(ref);
  if (options.removeChildren) for (const child of childrenOf(vm, ref)) await removeSnapshot(world, child.ref, options);
  if (options.readers.of(ref).length > 0) throw locked(snapshot);
  mergeFiles(vm, snapshot);
  detach(vm, snapshot);
  activateCbt(world, vm);
  world.counters.snapshotsRemoved += 1;
  vm.changeVersion += 1;
  if (world.snapshots.leavesConsolidation === true) vm.isConsolidationNeeded = true;
}

function locked({ disks }: Snapshot): VimFault {
  const file = disks[0]?.fileName ?? '';
  return new VimFault('FileLocked', { file }, `Unable to access file ${file} since it is locked`);
}

/**
 * With one dependant its delta merges down, and the dependant from then on uses the removed snapshot's file. With several
 * the file stays where it is, as their common parent.
 */
function mergeFiles(vm: Vm, snapshot: Snapshot): void {
  const isCurrent = MoRef.isEqual(vm.currentSnapshot, snapshot.ref);
  const dependants: (readonly { key: number; fileName: string }[])[] = childrenOf(vm, snapshot.ref).map(({ disks }) => disks);
  if (isCurrent) dependants.push(vm.disks);
  if (dependants.length !== 1) return;
  for (const disk of dependants[0]!) {
    const merged = snapshot.disks.find(({ key }) => key === disk.key);
    if (merged !== undefined) disk.fileName = merged.fileName;
  }
}

function detach(vm: Vm, snapshot: Snapshot): void {
  for (const child of childrenOf(vm, snapshot.ref)) child.parent = snapshot.parent;
  if (MoRef.isEqual(vm.currentSnapshot, snapshot.ref)) vm.currentSnapshot = snapshot.parent;
  vm.snapshots.delete(snapshot.ref.value);
}

/**
 * Goes back to a snapshot, as its author may do behind our back: disks, tracking and configuration are those of then. The VM ends
 * off, or on when the snapshot holds its memory. Call inside `exclusively`.
 */
export async function revertToSnapshot(world: World, ref: MoRef): Promise<void> {
  const { vm, snapshot } = world.snapshot(ref);
  for (const disk of vm.disks) {
    const snapshotDisk = snapshot.disks.find(({ key }) => key === disk.key);
    if (snapshotDisk === undefined) continue;
    await disk.image.revertTo(snapshotDisk.imagePath);
    disk.fileName = nextFileName(vm, snapshotDisk.fileName);
    if (snapshotDisk.cbt === undefined) disk.cbt = undefined;
    else disk.cbt = world.cbt.onRevert === 'new-epoch' ? CbtMap.start(world.random) : CbtMap.resume(snapshotDisk.cbt);
  }
  vm.currentSnapshot = ref;
  vm.isCbtWanted = snapshot.isCbtWanted;
  const isOn = snapshot.state === 'poweredOn';
  vm.bootTime = isOn ? world.clock.now() : undefined;
  vm.power = snapshot.state;
  vm.isToolsRunning = isOn && (vm.config.toolsRunning ?? true);
  vm.changeVersion += 1;
}

/** Merges left-over redo logs. */
export function consolidate(vm: Vm, readers: Readers): void {
  const fileName = vm.disks[0]?.fileName ?? '';
  if (readers.ofVm(vm.ref).length > 0)
    throw new VimFault('FileLocked', { file: fileName }, `Unable to access file ${fileName} since it is locked`);
  vm.isConsolidationNeeded = false;
}
