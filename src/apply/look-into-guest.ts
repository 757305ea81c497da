import { invariant } from '../diag/diagnostic.js';
import type { DiskKey } from '../model/ids.js';
import type { ActionMap } from '../plan/core/action.js';
import { slotName } from '../plan/cutover/disk-order.js';
import type { ApplyContext } from './handler.js';
import { judgeGuest, type ReviewedGuest } from './judge-guest.js';
import { type OpenVolume, withOpenVolumes } from './open-volumes.js';
import { heed } from './refusal.js';

export function reviewedGuest({ desired, vm }: ApplyContext, conversion: ActionMap['convert']): ReviewedGuest {
  const { firmware, guestFamily, disks } = conversion;
  const boot = disks[0];
  invariant(boot !== undefined, `${desired.address} is converted without a disk`);
  return {
    firmware,
    guestFamily,
    boot,
    isNamed: desired.bootDisk !== undefined,
    slotName: (key: DiskKey) => {
      const disk = vm.disks.find((one) => one.key === key);
      return disk === undefined ? `disk ${key}` : slotName(disk);
    },
  };
}

/** The system to convert, when all is as it was reviewed. Throws DiagnosticsError else. */
export async function lookInto(
  open: readonly OpenVolume[],
  context: ApplyContext,
  { conversion, state }: { readonly conversion: ActionMap['convert']; readonly state: string },
): Promise<string> {
  const inspection = await context.converter.inspect({ disks: open, signal: context.signal });
  await context.journal.write('guest-inspected', { address: context.desired.address, inspection });
  const judgement = judgeGuest(inspection, reviewedGuest(context, conversion));
  heed(judgement, context, state);
  invariant(judgement.system !== undefined, 'a guest without a system was not refused');
  return judgement.system.root;
}

/**
 * What the volumes hold since the last sync, minutes ago, is looked at while the guest still runs: what would stop the conversion
 * must not be found out when it is off.
 */
export async function requireKnownGuest(context: ApplyContext): Promise<void> {
  const { conversion, records } = context;
  if (conversion === undefined || !conversion.disks.every((key) => records.get(key)?.state.kind === 'clean')) return;
  const root = await withOpenVolumes(context, conversion.disks, (open) =>
    lookInto(open, context, { conversion, state: 'the VM was left running' }),
  );
  context.roots.set('guest', root);
}
