import type { DesiredMigration } from '../../model/desired.js';
import type { ObservedMigration } from '../../model/observed.js';
import { type PlanOptions, planMigration } from '../plan-migration.js';
import type { SourcePlanned } from './source-room.js';

/** What one migration needs, seen by itself, with all that it is judged by together with the others. */
export const planAlone = (desired: DesiredMigration, observed: ObservedMigration, options: PlanOptions): SourcePlanned => ({
  desired,
  observed,
  catalog: observed.catalog,
  plan: planMigration(desired, observed, options),
});
