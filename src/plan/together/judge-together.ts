import { type CheckIdOf, idsOf } from '../checks/check-table.js';
import { allowed, type Ran } from '../checks/judge.js';
import type { MigrationPlan } from '../plan-migration.js';
import { blockAddressClashes } from './address-clashes.js';
import { blockOverQuota } from './quota.js';
import { blockSameVm } from './same-vm.js';
import { blockWithoutSourceRoom, type SourcePlanned } from './source-room.js';

interface Limits {
  /** Disks of one VM that are copied at the same time. */
  readonly transfers: number;
}

type TogetherCheckId = CheckIdOf<'together'>;
type Blocks = (planned: readonly SourcePlanned[], limits: Limits) => MigrationPlan[];

const blocks: { readonly [Id in TogetherCheckId]: Blocks } = {
  'same-vm': blockSameVm,
  'address-clashes': blockAddressClashes,
  'source-room': (planned, { transfers }) => blockWithoutSourceRoom(planned, transfers),
  quota: blockOverQuota,
};

/** What single migrations do not see of each other: addresses asked for twice, room in both clouds. Blocks those that lack it. */
export function judgeTogether(planned: readonly SourcePlanned[], limits: Limits, ran?: Ran): MigrationPlan[] {
  let plans = planned.map(({ plan }) => plan);
  for (const id of idsOf('together')) {
    const before = plans;
    plans = blocks[id](
      planned.map((migration, index) => ({ ...migration, plan: before[index]! })),
      limits,
    );
    const found = plans.flatMap(({ diagnostics }, index) => diagnostics.slice(before[index]!.diagnostics.length));
    ran?.(
      id,
      found.map((one) => allowed(id, one)),
    );
  }
  return plans;
}
