import type { CallLog } from './call-log.js';
import { has } from './permissions.js';
import { VimFault } from './soap/vim-fault.js';
import type { Vcenter } from './vcenter.js';
import { processStartTime } from './world/readers.js';
import { type Vm, virtualMachine } from './world/vm.js';

/** What the stand-in for nbdkit asks before it serves a disk. Ids as on the command line, without `moref=`. */
export interface VddkOpenRequest {
  readonly user: string;
  readonly password: string;
  readonly vm: string;
  readonly snapshot: string | undefined;
  readonly file: string;
  readonly pid: number;
}

/** Trouble a test may order for disks opened from now on. */
export interface VddkKnobs {
  /** Every read takes this much longer. */
  readonly readDelayMs?: number;
  /** The serving process kills itself when it has answered this many reads. */
  readonly killAfterReads?: number;
  /** Opening fails, with this text as VDDK's reason. */
  readonly openError?: string;
}

export type VddkOpenAnswer =
  | { readonly ok: true; readonly image: string; readonly capacity: number; readonly knobs: VddkKnobs }
  | { readonly ok: false; readonly reason: string };

const UNKNOWN_ERROR = 'Unknown error';
const FILE_NOT_FOUND = 'A file was not found';
const PRIVILEGE = 'VirtualMachine.Provisioning.DiskRandomRead';

/** Refusals carry VDDK's own, useless words; the true reason is in the call log. */
class Refusal extends Error {
  constructor(
    readonly why: string,
    readonly vddkText: string = UNKNOWN_ERROR,
  ) {
    super(why);
  }
}

/** Opens a disk as VixDiskLib_Open would, and counts the caller as a reader until its process ends. */
export function openVddk(
  vcenter: Vcenter,
  request: VddkOpenRequest,
  options: { calls: CallLog; knobs: VddkKnobs },
): VddkOpenAnswer {
  const log = options.calls.add({
    time: vcenter.clock.now().toISOString(),
    method: 'VixDiskLib_Open',
    moref: request.snapshot ?? request.vm,
    user: request.user,
    operationId: undefined,
    outcome: undefined,
  });
  try {
    const { imagePath: image, capacity } = findDisk(vcenter, request);
    if (options.knobs.openError !== undefined) throw new Refusal('ordered by the test', options.knobs.openError);
    const startTime = processStartTime(request.pid);
    if (startTime === undefined) throw new Refusal(`no process ${request.pid}`);
    vcenter.readers.add({ pid: request.pid, startTime, vm: request.vm, snapshot: request.snapshot, fileName: request.file });
    return { ok: true, image, capacity, knobs: options.knobs };
  } catch (error) {
    const reason = error instanceof Refusal ? error.vddkText : UNKNOWN_ERROR;
    log.outcome = `refused: ${error instanceof Refusal || error instanceof VimFault ? error.message : String(error)}`;
    return { ok: false, reason };
  }
}

function findDisk(vcenter: Vcenter, request: VddkOpenRequest): { imagePath: string; capacity: number } {
  const account = vcenter.sessions.authenticate(request.user, request.password);
  const vm = vcenter.world.vm(virtualMachine(request.vm));
  if (!has(vcenter.world, account, { on: vm.ref, privilege: PRIVILEGE })) throw new Refusal(`no privilege ${PRIVILEGE}`);
  if (vm.settings.encrypted) throw new Refusal('the vm is encrypted');
  return request.snapshot === undefined
    ? liveDisk(vm, request.file)
    : frozenDisk(vm, { snapshot: request.snapshot, file: request.file });
}

/** Without a snapshot only the disks of a VM that is off can be opened: a running one holds the lock. */
function liveDisk(vm: Vm, file: string): { imagePath: string; capacity: number } {
  const disk = vm.disks.find(({ fileName }) => fileName === file);
  if (disk === undefined) throw new Refusal(`${file} is no current file of ${vm.name}`, FILE_NOT_FOUND);
  if (vm.power !== 'poweredOff') throw new Refusal(`${vm.name} is ${vm.power}`, 'Failed to lock the file');
  return { imagePath: disk.image.path, capacity: disk.image.capacity };
}

function frozenDisk(vm: Vm, { snapshot, file }: { snapshot: string; file: string }): { imagePath: string; capacity: number } {
  const found = vm.snapshots.get(snapshot);
  if (found === undefined) throw new Refusal(`${snapshot} is no snapshot of ${vm.name}`);
  const disk = found.disks.find(({ fileName }) => fileName === file);
  if (disk === undefined) throw new Refusal(`${file} is not a file of ${snapshot}`, FILE_NOT_FOUND);
  return disk;
}
