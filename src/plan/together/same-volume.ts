import { pushTo } from '../../model/grouped.js';
import type { ObservedVolume } from '../../model/observed-target.js';
import { copiesOf } from '../core/action-table.js';
import { isAdopted } from '../core/adoption.js';
import type { MigrationPlan } from '../plan-migration.js';
import { blocked } from './quota.js';
import type { SourcePlanned } from './source-room.js';

/** A tool that knows its volumes by the names of VMs leaves one that fits two VMs of one name; whose it is only a person knows. */
export function blockSameVolume(planned: readonly SourcePlanned[]): MigrationPlan[] {
  const claims = new Map<string, string[]>();
  for (const one of planned) for (const { id } of adoptedBy(one)) pushTo(claims, id, one.desired.address);
  return planned.map((one) => {
    const shared = adoptedBy(one).find(({ id }) => claims.get(id)!.length > 1);
    if (shared === undefined) return one.plan;
    const others = claims.get(shared.id)!.filter((address) => address !== one.desired.address);
    return blocked(one.desired, one.plan, {
      code: 'MP2015',
      detail: `volume ${shared.name} (${shared.id}) would be taken over for ${others.join(' and ')}, too: its name fits both`,
      nextSteps: ['take spec.adopt out of the manifest of every VM but the one that the volume was made for'],
      field: 'spec.adopt',
    });
  });
}

function adoptedBy({ plan, observed: { volumes } }: SourcePlanned): ObservedVolume[] {
  const disks = plan.actions.flatMap(copiesOf).filter(isAdopted);
  return disks.flatMap(({ disk }) => (volumes[String(disk)] ?? []).filter(({ reading }) => reading.kind === 'foreign'));
}
