import { describe, expect, test } from 'vitest';
import { LookAhead } from '../../src/apply/look-ahead.js';
import type { SourceProvider } from '../../src/contracts/source-provider.js';
import type { TargetProvider } from '../../src/contracts/target-provider.js';
import type { StateFolder } from '../../src/state/state-folder.js';
import { emptyLedger } from '../../src/state/vm-ledger.js';
import * as s from '../plan/plan-fixture.js';
import { MovingClock } from './moving-clock.js';

const queue = Array.from({ length: 120 }, (_, index) => s.desired({ name: `vm${index}`, address: `vm/vm${index}` }));
const state = {
  lineage: 'L',
  ledgerEntries: async () => emptyLedger,
  runsWithOverlays: async () => [],
} as unknown as StateFolder;

/** A world that counts how often each side is read; `power` is what every VM is at that moment. */
function world({ refuses = () => false }: { readonly refuses?: (count: number) => boolean } = {}) {
  const clock = new MovingClock();
  const seen = { source: 0, target: 0, power: 'on' as 'on' | 'off' };
  const source = {
    observe: async (selectors: readonly unknown[]) => {
      seen.source += selectors.length;
      if (refuses(selectors.length)) throw new Error('one of them cannot be read');
      return selectors.map((_, index) => ({ kind: 'found', vm: s.vm({ instanceUuid: `${index}`, power: seen.power }) }));
    },
  } as unknown as SourceProvider;
  const target = {
    identify: async () => ({ kind: 'openstack', endpoint: 'https://cloud.example.com', id: 'demo' }),
    observe: async () => {
      seen.target++;
      return { volumes: [], servers: [], catalog: s.catalog };
    },
  } as unknown as TargetProvider;
  const ahead = new LookAhead(queue, { providers: { source: () => source, target: () => target }, state, clock });
  const powerOf = async (index: number) => {
    const { source } = await ahead.observe(queue[index]!);
    return source.kind === 'found' ? source.vm.power : source.kind;
  };
  return { clock, seen, powerOf };
}

describe('VMs are observed right before they are worked on', () => {
  test('many that need little: a cloud is read once for fifty', async () => {
    const { seen, powerOf } = world();
    for (const index of queue.keys()) expect(await powerOf(index)).toBe('on');
    expect(seen).toMatchObject({ target: 3, source: 120 });
  });

  test('two at a time share what is being read', async () => {
    const { seen, powerOf } = world();
    await Promise.all([powerOf(0), powerOf(1)]);
    expect(seen.target).toBe(1);
  });

  test('what was read more than seconds ago is read again', async () => {
    const { clock, seen, powerOf } = world();
    await powerOf(0);
    seen.power = 'off';
    await clock.sleep(4_000);
    expect(await powerOf(1)).toBe('on');
    await clock.sleep(1_500);
    expect(await powerOf(2)).toBe('off');
  });

  test('a VM that is asked for once more is read anew', async () => {
    const { seen, powerOf } = world();
    await powerOf(0);
    await powerOf(1);
    seen.power = 'off';
    expect(await powerOf(1)).toBe('off');
  });

  test('trouble with one is not told of the others', async () => {
    const { powerOf } = world({ refuses: (count) => count > 1 });
    expect(await powerOf(0)).toBe('on');
    expect(await powerOf(1)).toBe('on');
  });
});
