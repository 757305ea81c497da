import { invariant } from '../../diag/diagnostic.js';
import type { DiskKey } from '../../model/ids.js';
import type { ActionHandler, ApplyContext } from '../handler.js';
import { writeState } from '../records.js';
import { requireSameCycle } from './convert.js';
import { requireOff } from './power-off.js';

/**
 * The copies become final: from here no sync may ever write to these volumes again. Nothing but records changes, one disk
 * after the other; a run that dies between two leaves disks of one cycle, some final, and the rest follows.
 */
export const finalizeCopy: ActionHandler<'finalize-copy'> = async ({ disks }, context) => {
  requireSameCycle(context, disks, ['clean', 'converted']);
  await requireOff(context, 'once');
  for (const disk of disks) await finalizeDisk(context, disk);
};

async function finalizeDisk(context: ApplyContext, disk: DiskKey): Promise<void> {
  const record = context.records.get(disk);
  invariant(record !== undefined, `disk ${disk} has no record to make final`);
  const { state, cycle, capacity, origin } = record;
  if (state.kind !== 'clean') return;
  await writeState(context, disk, { state: { kind: 'converted', from: state.at }, cycle, capacity, origin });
}
