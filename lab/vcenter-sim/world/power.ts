import { setTimeout as sleep } from 'node:timers/promises';
import { VimFault } from '../soap/vim-fault.js';
import { guestRandomWrites } from './guest.js';
import { activateCbt } from './tracking.js';
import { exclusively, type PowerState, type Vm } from './vm.js';
import type { World } from './world.js';

const SHUTDOWN_MS = 50;
const SHUTDOWN_WRITE_BYTES_MAX = 131_072;

export function requirePower(vm: Vm, existing: PowerState, requestedState: PowerState): void {
  if (vm.power === existing) return;
  const message = `The attempted operation cannot be performed in the current state (${vm.power}).`;
  throw new VimFault('InvalidPowerState', { requestedState, existingState: vm.power }, message);
}

/** A stun point: tracking takes effect, the machine boots. */
export function powerOn(world: World, vm: Vm): Promise<void> {
  return exclusively(vm, async () => {
    activateCbt(world, vm);
    vm.power = 'poweredOn';
    vm.isToolsRunning = vm.config.toolsRunning ?? true;
    vm.bootTime = world.clock.now();
    world.counters.powerOns += 1;
  });
}

/** The plug is pulled. */
export function hardPowerOff(world: World, vm: Vm): Promise<void> {
  return exclusively(vm, async () => {
    turnOff(vm);
    world.counters.powerOffs += 1;
  });
}

/** The guest goes down by itself, some time after the call has returned, and may still write on its way. */
export async function shutDownGuest(world: World, vm: Vm): Promise<void> {
  if (vm.config.shutdown?.hangs === true) return;
  await sleep(SHUTDOWN_MS);
  const count = vm.config.shutdown?.writes ?? 0;
  for (const disk of vm.disks) {
    if (vm.power !== 'poweredOn') return;
    const seed = Math.floor(world.random() * 2 ** 32);
    await guestRandomWrites(world, vm, { disk, writes: { seed, count, maxBytes: SHUTDOWN_WRITE_BYTES_MAX } });
  }
  await exclusively(vm, async () => {
    if (vm.power !== 'poweredOn') return;
    turnOff(vm);
    world.counters.shutdowns += 1;
  });
}

/** Off has no boot time; suspended keeps it. */
export function suspend(vm: Vm): void {
  vm.power = 'suspended';
  vm.isToolsRunning = false;
}

export function turnOff(vm: Vm): void {
  vm.power = 'poweredOff';
  vm.isToolsRunning = false;
  vm.bootTime = undefined;
}
