import { guestHardwareOf } from '../../model/guest-hardware.js';
import type { Action } from '../core/action.js';
import type { PlanContext } from '../core/plan-context.js';
import { isServerMade } from '../core/server-wanted.js';
import { diskOrder } from './disk-order.js';
import { bootImageMetadata } from './plan-image-metadata.js';

/** All disks together: a guest's root may span several. A guest that runs on KVM already is not converted. */
export function planConversion(context: PlanContext): Action[] {
  const { vm, disks } = context;
  if (vm.traits.conversion === 'none') return [{ kind: 'finalize-copy', disks: disks.map(({ disk }) => disk.key) }];
  return [
    {
      kind: 'convert',
      disks: diskOrder(context),
      firmware: vm.firmware,
      guestFamily: vm.guest.family,
      guestId: vm.guest.id,
      hardware: guestHardwareOf(bootImageMetadata(context)),
    },
  ];
}

export const planMarks = (context: PlanContext, run: string | undefined): Action[] =>
  run === undefined ? [] : [{ kind: 'mark-converted', disks: diskOrder(context), run }];

export function planServer(context: PlanContext): Action[] {
  const { observed, destination } = context;
  if (destination === undefined || isServerMade(observed.server)) return [];
  return [
    {
      kind: 'create-server',
      disks: diskOrder(context),
      ...destination,
      ...(observed.server?.status === 'ERROR' ? { replaces: observed.server.id } : {}),
    },
  ];
}
