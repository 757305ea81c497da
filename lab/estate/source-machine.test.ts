import { describe, expect, test } from 'vitest';
import { prng } from '../sim/prng.js';
import { type MachineTraits, SourceMachine } from './source-machine.js';
import { changedBlocks, idOf } from './tracked-disk.js';

const traits: MachineTraits = {
  place: 'vcenter',
  disks: [{ size: 8, bus: 'scsi', controller: 0, unit: 0 }],
  systemDisk: 0,
  nics: 1,
  firmware: 'bios',
  family: 'linux',
  takesVirtio: true,
  needsUefi: false,
  tools: true,
  obeys: true,
  plugResetsTracking: true,
  power: 'on',
  tracking: true,
};

const made = (over: Partial<MachineTraits> = {}) => {
  const machine = new SourceMachine({ ...traits, ...over }, prng(1));
  return { machine, disk: machine.disks[0]! };
};

/** What a snapshot taken now says was written since an earlier one. */
function changes(machine: SourceMachine, since: ReturnType<SourceMachine['takeSnapshot']>): number[] {
  const key = machine.disks[0]!.key;
  return changedBlocks(machine.takeSnapshot('later', '').disks.get(key)!, idOf(since.disks.get(key)!)!);
}

describe('tracking', () => {
  test('tells what was written after a snapshot, and nothing that was written before it', () => {
    const { machine, disk } = made();
    machine.power = 'off';
    disk.write(1, 9, { isLossy: false });
    const snapshot = machine.takeSnapshot('one', '');
    disk.write(4, 9, { isLossy: false });
    expect(changes(machine, snapshot)).toEqual([4]);
  });

  test('goes on from the snapshot that a VM goes back to: its next id was used already, for other bytes', () => {
    const { machine, disk } = made();
    machine.power = 'off';
    const old = machine.takeSnapshot('old', '');
    disk.write(2, 77, { isLossy: false });
    const base = machine.takeSnapshot('base', '');
    machine.revertTo(old.ref);
    const again = machine.takeSnapshot('again', '');
    expect(idOf(again.disks.get(disk.key)!)).toEqual(idOf(base.disks.get(disk.key)!));
    expect(again.disks.get(disk.key)!.bytes).not.toEqual(base.disks.get(disk.key)!.bytes);
  });

  test('beside an older snapshot loses writes without a word', () => {
    const { machine, disk } = made({ tracking: false });
    machine.power = 'off';
    machine.takeSnapshot('old', '');
    machine.switchTracking(true);
    const base = machine.takeSnapshot('base', '');
    machine.power = 'on';
    machine.guestWrites(40, prng(3));
    const told = changes(machine, base);
    expect(told.length).toBeGreaterThan(0);
    expect(told.filter((block) => block % 2 === 1)).toEqual([]);
    expect(disk.changeId).toBeDefined();
  });

  test('begins anew when the plug is pulled, where the world says so', () => {
    const { machine, disk } = made();
    const before = disk.changeId?.epoch;
    machine.pullPlug();
    expect(disk.changeId?.epoch).not.toBe(before);
  });
});

test('removing a snapshot leaves its children standing on its parent', () => {
  const { machine } = made();
  const [a, b, c] = ['a', 'b', 'c'].map((name) => machine.takeSnapshot(name, ''));
  machine.removeSnapshot(b!.ref);
  expect(c!.parent).toBe(a!.ref);
  machine.removeSnapshot(c!.ref);
  expect(machine.current).toBe(a!.ref);
});
