import type { MoRef } from '../soap/value.js';
import { invalidArgument, VimFault } from '../soap/vim-fault.js';
import { type Area, CBT_BLOCK, CbtMap, changedBlocks, type FrozenCbt, parseChangeId, toAreas } from './cbt-map.js';
import { addNoise, cutWindow, type Window } from './cbt-window.js';
import { type Disk, isTrackable, type Vm } from './vm.js';
import type { World } from './world.js';

const MAX_EXTENTS_DEFAULT = 2000;
/** Share of writes missed when tracking was switched on while snapshots existed. */
const INCOMPLETE_LOSS = 0.5;
const CBT_HW_VERSION_MIN = 7;

/** A stun: wanted tracking begins on every disk that can be tracked, unwanted tracking ends. */
export function activateCbt(world: World, vm: Vm): void {
  const isPossible = vm.isCbtWanted && vm.settings.hwVersion >= CBT_HW_VERSION_MIN && vm.config.cbtSupported !== false;
  for (const disk of vm.disks) {
    if (!isPossible || !isTrackable(disk)) disk.cbt = undefined;
    else if (disk.cbt === undefined) {
      disk.cbt = CbtMap.start(world.random);
      disk.isCbtIncomplete = vm.snapshots.size > 0;
    }
  }
}

/** Everything known so far is void: a new epoch on every tracked disk. */
export function resetCbt(world: World, disks: readonly Disk[]): void {
  for (const disk of disks) if (disk.cbt !== undefined) disk.cbt = CbtMap.start(world.random);
}

/** Notes a guest write, or misses it as a defective host would. */
export function recordWrite(world: World, disk: Disk, area: Area): void {
  const loss = disk.isCbtIncomplete ? INCOMPLETE_LOSS : 0;
  if (loss > 0 && world.random() < loss) return;
  disk.cbt?.recordWrite(area.start, area.length);
}

export interface ChangedAreasQuery {
  readonly snapshot: MoRef;
  readonly deviceKey: number;
  readonly startOffset: number;
  readonly changeId: string;
}

/** What the answer is computed from. */
interface Subject {
  readonly fileName: string;
  readonly capacity: number;
  readonly cbt: FrozenCbt | undefined;
}

/** QueryChangedDiskAreas. Throws the faults of vSphere; see SPEC.md for which. */
export function queryChangedAreas(world: World, vm: Vm, query: ChangedAreasQuery): Window {
  const subject = subjectOf(world, vm, query);
  const { capacity, cbt } = subject;
  if (query.startOffset < 0 || query.startOffset >= capacity) throw invalidArgument('startOffset');
  if (cbt === undefined) throw trackingUnusable(subject);
  const areas = toAreas(blocksSince(world, query.changeId, { ...subject, cbt }), capacity);
  const window = cutWindow(areas, query.startOffset, {
    capacity,
    maxExtents: world.cbt.maxExtents ?? MAX_EXTENTS_DEFAULT,
    windowBytes: world.cbt.windowBytes,
  });
  return addNoise(window, { shuffle: world.cbt.shuffle ?? false, overlap: world.cbt.overlap ?? false, random: world.random });
}

function subjectOf(world: World, vm: Vm, { snapshot, deviceKey }: ChangedAreasQuery): Subject {
  const found = world.snapshot(snapshot);
  if (found.vm !== vm) throw invalidArgument('snapshot');
  const disk = found.snapshot.disks.find(({ key }) => key === deviceKey);
  if (disk === undefined) throw invalidArgument('deviceKey');
  return disk;
}

function blocksSince(world: World, changeId: string, subject: Subject & { cbt: FrozenCbt }): number[] {
  const base = parseChangeId(changeId);
  if (base === undefined) throw invalidArgument('changeId');
  if (base.epoch !== subject.cbt.epoch || base.sequence > subject.cbt.sequence) {
    throw world.cbt.mismatch === 'FileFault' ? trackingUnusable(subject) : invalidArgument('changeId');
  }
  const blocks = changedBlocks(subject.cbt, base.sequence);
  return withFalsePositives(world, blocks, subject.capacity);
}

function withFalsePositives(world: World, blocks: number[], capacity: number): number[] {
  const share = world.cbt.falsePositives ?? 0;
  if (share === 0) return blocks;
  const changed = new Set(blocks);
  for (let block = 0; block * CBT_BLOCK < capacity; block++) if (world.random() < share) changed.add(block);
  return [...changed].sort((a, b) => a - b);
}

function trackingUnusable({ fileName }: Subject): VimFault {
  const file = fileName.replace(/\.vmdk$/, '-ctk.vmdk');
  return new VimFault('FileFault', { file }, `Error caused by file ${file}`);
}
