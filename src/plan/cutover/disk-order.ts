import { type BootFirst, bootFirst } from '../../model/boot-first.js';
import { editDistance } from '../../model/edit-distance.js';
import type { DiskKey } from '../../model/ids.js';
import type { ObservedDisk, ObservedVm } from '../../model/observed-source.js';
import type { AssessedDisk, PlanContext } from '../core/plan-context.js';
import type { TargetProblem } from '../core/target-problem.js';

/** `scsi0:1`, as vSphere calls the place of a disk. */
export const slotName = ({ slot: { bus, controller, unit } }: ObservedDisk): string => `${bus}${controller}:${unit}`;

const nameOf = (disk: ObservedDisk): string => `${slotName(disk)} (${disk.label}, key ${disk.key})`;

/** What a manifest may call a disk. */
const namesOf = (disk: ObservedDisk): string[] => [slotName(disk), disk.label, String(disk.key)];

const isNamed = (disk: ObservedDisk, name: string): boolean =>
  namesOf(disk).some((known) => known.toLowerCase() === name.toLowerCase()) || disk.label.split(' (')[0] === name;

/** The disk the server boots from: what the manifest says, else what the source says. */
function chosenKey({ desired, vm }: Pick<PlanContext, 'desired' | 'vm'>): DiskKey | undefined {
  const named = desired.bootDisk === undefined ? [] : vm.disks.filter((disk) => isNamed(disk, desired.bootDisk!));
  return named[0]?.key ?? vm.bootDisk ?? vm.disks[0]?.key;
}

/** The one place that decides it; all who need the boot disk or an order of disks ask here. */
export function bootDisk(context: PlanContext): AssessedDisk {
  const key = chosenKey(context);
  return context.disks.find(({ disk }) => disk.key === key) ?? context.disks[0]!;
}

export const diskOrder = (context: PlanContext): BootFirst =>
  bootFirst(
    bootDisk(context).disk.key,
    context.disks.map(({ disk }) => disk.key),
  );

/**
 * A bootDisk that no disk or more than one answers to; none although nobody else says it; one that the source does not boot from; one
 * that is not what was converted as such.
 */
export const bootDiskProblems = (context: PlanContext): TargetProblem[] => [
  ...unresolved(context),
  ...nobodySays(context),
  ...notTheBootVolume(context),
  ...convertedWithAnother(context),
];

const field = 'spec.bootDisk';

function unresolved({ desired: { bootDisk: name }, vm }: PlanContext): TargetProblem[] {
  if (name === undefined) return [];
  const answering = vm.disks.filter((disk) => isNamed(disk, name));
  if (answering.length === 1) return [];
  const detail =
    answering.length === 0
      ? `the VM has no disk "${name}"; its disks: ${vm.disks.map(nameOf).join(', ')}`
      : `${answering.length} disks are called "${name}": ${answering.map(nameOf).join(', ')}`;
  return [{ code: 'MP2050', detail, nextSteps: [suggestion(name, answering.length > 0 ? answering : vm.disks)], field }];
}

function suggestion(name: string, disks: readonly ObservedDisk[]): string {
  const distance = (known: string): number => editDistance(known.toLowerCase(), name.toLowerCase());
  const [nearest] = disks
    .map((disk) => ({ disk, distance: Math.min(...namesOf(disk).map(distance)) }))
    .sort((a, b) => a.distance - b.distance);
  return `set spec.bootDisk: ${nearest === undefined ? 'the place of a disk' : slotName(nearest.disk)}`;
}

/**
 * What is copied as it is is not looked into: where the source has no boot volume (any more), another one would be taken for it
 * without a word, and its server would run nothing.
 */
function nobodySays({ desired, vm }: PlanContext): TargetProblem[] {
  const [first] = vm.disks;
  const isSaid = desired.bootDisk !== undefined || vm.disks.some(({ key }) => key === vm.bootDisk);
  if (vm.traits.conversion !== 'none' || isSaid || first === undefined) return [];
  return [
    {
      code: 'MP2050',
      detail: `the source boots from none of its disks: ${vm.disks.map(nameOf).join(', ')}`,
      nextSteps: [`set spec.bootDisk: ${slotName(first)}`],
      field,
    },
  ];
}

/** A server runs from its boot volume, and is copied as it is: nothing looks into another one to find out whether it boots. */
function notTheBootVolume({ desired, vm, disks }: PlanContext): TargetProblem[] {
  const runsFrom = vm.disks.find(({ key }) => key === vm.bootDisk);
  const named = chosenKey({ desired, vm });
  if (vm.bootDiskFrom !== 'boot-volume' || runsFrom === undefined || named === runsFrom.key) return [];
  const chosen = disks.find(({ disk }) => disk.key === named)!.disk;
  return [
    {
      code: 'MP2050',
      detail: `the source server boots from ${nameOf(runsFrom)}, and ${nameOf(chosen)} is said to be the boot disk`,
      nextSteps: [`set spec.bootDisk: ${slotName(runsFrom)}`],
      field,
    },
  ];
}

/** After the conversion the boot volume is decided: it alone was made to boot. */
function convertedWithAnother(context: PlanContext): TargetProblem[] {
  const { disks, vm } = context;
  const all = disks.map(({ assessment, disk }) => ({
    disk,
    volume: assessment.kind === 'converted' || assessment.kind === 'committing' ? assessment.volume : undefined,
  }));
  if (vm.traits.conversion === 'none' || all.some(({ volume }) => volume === undefined || volume.reading.kind !== 'record'))
    return [];
  const bootable = all.filter(({ volume }) => volume?.bootable === true);
  const [only] = bootable;
  const chosen = bootDisk(context).disk;
  if (bootable.length !== 1 || only === undefined || only.disk.key === chosen.key) return [];
  return [
    {
      code: 'MP2050',
      detail: `the guest was converted to boot from ${nameOf(only.disk)}, and now ${nameOf(chosen)} is said to be the boot disk`,
      nextSteps: [`set spec.bootDisk: ${slotName(only.disk)}`],
      field,
    },
  ];
}

/** For the plan: which disk, and who says so. */
export function bootDiskNote(context: PlanContext): string[] {
  const { desired, vm, disks } = context;
  if (disks.length < 2) return [];
  const why = desired.bootDisk === undefined ? bySource(vm) : 'spec.bootDisk';
  return [`Boots from ${nameOf(bootDisk(context).disk)}: ${why}`];
}

function bySource({ bootDiskFrom, firmware }: ObservedVm): string {
  if (bootDiskFrom === 'boot-volume') return 'the boot volume of the source server';
  if (bootDiskFrom === 'boot-order') return "the VM's boot order";
  return `the VM has no boot order; ${firmware === 'efi' ? 'its NVRAM, which nobody can read, may name another' : 'first in the order of its BIOS'}`;
}
