import { isA, type Properties } from '../properties.js';

/** vSphere allows 32 levels; snapshots and change tracking become unreliable before. */
const SNAPSHOT_DEPTH_MAX = 28;
const FAULT_TOLERANCE_OFF = new Set(['notConfigured', '']);

/** Reasons in plain words why no snapshot of the VM can be taken, or why it must not be touched. Disks have their own. */
export function obstaclesOf(vm: Properties, snapshotDepth: number): string[] {
  return [...stateObstacles(vm), ...featureObstacles(vm), ...snapshotObstacles(vm, snapshotDepth)];
}

function stateObstacles(vm: Properties): string[] {
  const obstacles: string[] = [];
  const connection = vm.text('runtime.connectionState') ?? 'connected';
  if (connection !== 'connected') obstacles.push(`it is ${connection}: its host cannot be reached or does not know it`);
  if (vm.flag('config.template') === true) obstacles.push('it is a template');
  if (vm.text('runtime.powerState') === 'suspended')
    obstacles.push('it is suspended: part of its state is in memory files, power it on or off first');
  const question = vm.object('runtime.question', 'VirtualMachineQuestionInfo');
  if (question !== undefined) obstacles.push(`it waits for the answer to a question: ${question.text.trim()}`);
  return obstacles;
}

function featureObstacles(vm: Properties): string[] {
  const obstacles: string[] = [];
  const faultTolerance = vm.text('runtime.faultToleranceState') ?? '';
  if (vm.has('config.ftInfo') || !FAULT_TOLERANCE_OFF.has(faultTolerance))
    obstacles.push('fault tolerance is on: such a VM has no snapshots');
  if (vm.has('config.keyId')) obstacles.push('it is encrypted');
  const devices = vm.list('config.hardware.device', 'VirtualDevice');
  if (devices.some((device) => isA(device, 'VirtualTPM'))) obstacles.push('it has a virtual TPM, whose content cannot be moved');
  return obstacles;
}

function snapshotObstacles(vm: Properties, depth: number): string[] {
  const obstacles: string[] = [];
  if (vm.flag('runtime.consolidationNeeded') === true)
    obstacles.push('its disks need consolidation, left from a snapshot that was not removed completely');
  if (vm.flag('capability.snapshotOperationsSupported') === false) obstacles.push('it does not support snapshots');
  if (vm.texts('disabledMethod').includes('CreateSnapshot_Task')) {
    obstacles.push('taking snapshots is disabled now (CreateSnapshot_Task), by a backup product or an operation under way');
  }
  if (depth >= SNAPSHOT_DEPTH_MAX) obstacles.push(`it has ${depth} levels of snapshots`);
  return obstacles;
}
