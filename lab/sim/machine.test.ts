import { expect, test } from 'vitest';
import { EPOCH, Machine } from './machine.js';
import { prng } from './prng.js';

class Shown extends Machine {
  readonly shown = () => this.observed();
  readonly freeze = (name: string) => this.freezeAll(name, '');
}
const sequenceOf = (snapshot: ReturnType<Shown['freeze']>): number | undefined => snapshot.disks[0]!.changeId?.sequence;

test('a revert brings back bytes and numbers of then, and leaves the VM off without a boot time', () => {
  const vm = new Shown(prng(1), 1, {});
  const disk = vm.keys[0]!;
  const before = vm.bytesNow(disk).slice();
  const older = vm.takeForeignSnapshot();
  vm.guestWrites(8);
  const base = vm.freeze('base');
  vm.forgetSnapshot(base.ref);
  expect(vm.shown().bootTime).toBeDefined();
  vm.revertTo(older);
  expect([vm.bytesNow(disk), vm.shown().power, vm.shown().bootTime, vm.shown().currentSnapshot]).toEqual([
    before,
    'off',
    undefined,
    older,
  ]);
  const again = vm.freeze('again');
  expect(sequenceOf(again)).toBe(sequenceOf(base));
  const id = { epoch: EPOCH, sequence: sequenceOf(base)! };
  expect(vm.bytesAt(disk, id, 'again')).toEqual(before);
  expect(vm.bytesAt(disk, id, 'base')).not.toEqual(before);
});

test('each power-on has a boot time of its own; tracking may be off, or impossible', () => {
  const vm = new Shown(prng(1), 1, { tracking: 'off' });
  const first = vm.shown().bootTime;
  vm.powerOff();
  vm.powerOn();
  expect(vm.shown().bootTime).not.toBe(first);
  expect([sequenceOf(vm.freeze('a')), vm.shown().cbt]).toEqual([undefined, { supported: true, enabled: false }]);
  expect(new Shown(prng(1), 1, { tracking: 'never' }).shown().cbt.supported).toBe(false);
});
