import { pushTo } from '../../model/grouped.js';
import { normalizeUuid } from '../../model/uuid.js';
import type { MigrationPlan } from '../plan-migration.js';
import { blocked } from './quota.js';
import type { SourcePlanned } from './source-room.js';

/** Manifests that name one VM in different ways would each copy it and make a server of it: which is meant only a person knows. */
export function blockSameVm(planned: readonly SourcePlanned[]): MigrationPlan[] {
  const claims = new Map<string, string[]>();
  for (const one of planned) {
    const vm = vmOf(one);
    if (vm !== undefined) pushTo(claims, vm, one.desired.address);
  }
  return planned.map((one) => {
    const { desired, plan, observed } = one;
    const others = (claims.get(vmOf(one) ?? '') ?? []).filter((address) => address !== desired.address);
    if (others.length === 0 || observed.source.kind !== 'found') return plan;
    const { name, instanceUuid } = observed.source.vm;
    return blocked(desired, plan, {
      code: 'MP2085',
      detail: `its source is the VM "${name}" (${instanceUuid}), which ${others.join(' and ')} ${others.length === 1 ? 'migrates' : 'migrate'} too`,
      nextSteps: ['remove one of the manifests, or correct its source'],
      field: 'spec.source',
    });
  });
}

const vmOf = ({ observed: { source } }: SourcePlanned): string | undefined =>
  source.kind === 'found' ? normalizeUuid(source.vm.instanceUuid) : undefined;
