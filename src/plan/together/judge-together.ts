import { type CheckIdOf, idsOf } from '../checks/check-table.js';
import { allowed, type Ran } from '../checks/judge.js';
import type { MigrationPlan } from '../plan-migration.js';
import { blockAddressClashes } from './address-clashes.js';
import { blockOverQuota } from './quota.js';
import { blockSameVm } from './same-vm.js';
import { blockSameVolume } from './same-volume.js';
import { type AtOnce, heedRoomForSeveral } from './source-at-once.js';
import { blockWithoutSourceRoom, type SourcePlanned } from './source-room.js';

type TogetherCheckId = CheckIdOf<'together'>;
type Blocks = (planned: readonly SourcePlanned[], atOnce: AtOnce) => MigrationPlan[];

const blocks: { readonly [Id in TogetherCheckId]: Blocks } = {
  'same-vm': blockSameVm,
  'same-volume': blockSameVolume,
  'address-clashes': blockAddressClashes,
  'source-room': (planned, atOnce) =>
    heedRoomForSeveral(withPlans(planned, blockWithoutSourceRoom(planned, atOnce.transfers)), atOnce),
  quota: blockOverQuota,
};

/** What single migrations do not see of each other: addresses asked for twice, room in both clouds. Blocks those that lack it. */
export function judgeTogether(planned: readonly SourcePlanned[], atOnce: AtOnce, ran?: Ran): MigrationPlan[] {
  let plans = planned.map(({ plan }) => plan);
  for (const id of idsOf('together')) {
    const before = plans;
    plans = blocks[id](withPlans(planned, before), atOnce);
    const found = plans.flatMap(({ diagnostics }, index) => diagnostics.slice(before[index]!.diagnostics.length));
    ran?.(
      id,
      found.map((one) => allowed(id, one)),
    );
  }
  return plans;
}

const withPlans = (planned: readonly SourcePlanned[], plans: readonly MigrationPlan[]): SourcePlanned[] =>
  planned.map((migration, index) => ({ ...migration, plan: plans[index]! }));
