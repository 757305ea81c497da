import { describe, expect, test } from 'vitest';
import type { DataPlane } from '../../src/contracts/data-plane.js';
import { ProviderError } from '../../src/contracts/provider-error.js';
import type { DesiredMigration } from '../../src/model/desired.js';
import { TransferError } from '../../src/transfer/errors.js';
import * as s from '../plan/plan-fixture.js';
import { told, Workshop } from './workshop.js';

/** A cold cutover: nothing of the disks is read while the VM runs, unless it is to prove that they can be. */
async function cutoverOf(over: Partial<DesiredMigration>): Promise<Workshop> {
  const shop = await Workshop.open();
  shop.add('a', over, 2);
  return shop;
}

async function stateOf(shop: Workshop): Promise<{ power: string; snapshots: number }> {
  const [found] = await shop.worlds.get('a')!.vm.provider.observe([{ kind: 'path', path: '/DC/vm/a' }]);
  if (found?.kind !== 'found') throw new Error('the VM is gone');
  return { power: found.vm.power, snapshots: found.vm.snapshots.length };
}

describe('a disk is read before its VM is powered off', () => {
  test.each<[string, Partial<DataPlane>]>([
    [
      'the library is missing, so that nothing opens',
      { openSource: async () => Promise.reject(new TransferError({ code: 'MP6002', call: 'open source', detail: 'no VDDK' })) },
    ],
    [
      'it opens with the right size, and the first read fails',
      {
        firstDifference: async () =>
          Promise.reject(new TransferError({ code: 'MP6001', call: 'compare', detail: 'Input/output error' })),
      },
    ],
  ])('MP8005: %s: the VM is left running, without a snapshot', async (_name, over) => {
    const shop = await cutoverOf(s.cold);
    const plan = await shop.plan();
    shop.dataPlaneOver = over;
    const outcomes = await shop.apply(plan);
    expect(told(outcomes)).toEqual(['vm/a failed MP8005']);
    expect(outcomes[0]!.diagnostics[0]!.detail).toMatch(
      /^the first and the last sector could not both be read: .*; the VM was left running$/,
    );
    expect(await stateOf(shop)).toEqual({ power: 'on', snapshots: 0 });
    shop.dataPlaneOver = {};
    expect(told(await shop.apply(plan))).toEqual(['vm/a done']);
  });

  test('MP8005: volumes of an old cloud that cannot be read (Ceph without rbd:, Fibre Channel, no connection info)', async () => {
    const shop = await cutoverOf(s.cold);
    const details = {
      kind: 'unsupported',
      code: 'MP4002',
      provider: 'a',
      call: 'open snapshot',
      detail: 'Ceph, and no rbd:',
    } as const;
    shop.sourceOver = { reader: async () => Promise.reject(new ProviderError(details)) };
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a failed MP8005']);
    expect(await stateOf(shop)).toEqual({ power: 'on', snapshots: 0 });
  });

  test.each([
    ['every disk is read while the VM runs', s.cold, ['on', 'on']],
    ['what the live sync has read is not read once more', s.cutover, []],
    ['a VM that is off has nothing to lose', { ...s.cold, off: true }, []],
  ])('%s', async (_name, { off, ...over }: Partial<DesiredMigration> & { readonly off?: boolean }, expected) => {
    const shop = await cutoverOf(over);
    const { dataPlane } = shop.worlds.get('a')!;
    if (off === true) shop.worlds.get('a')!.vm.power = 'off';
    const read: string[] = [];
    shop.dataPlaneOver = {
      firstDifference: (comparison) => {
        if (comparison.source === comparison.target) read.push(shop.worlds.get('a')!.vm.power);
        return dataPlane.firstDifference(comparison);
      },
    };
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a done']);
    expect(read).toEqual(expected);
  });
});
