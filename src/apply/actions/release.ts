import type { ActionMap } from '../../plan/core/action.js';
import type { ActionHandler, ApplyContext } from '../handler.js';

export const releaseAttachment: ActionHandler<'release-attachment'> = async ({ attachment, volume }, { target, ledger }) => {
  await target.release(attachment);
  await ledger.attachmentGone(volume);
};

export async function releaseSnapshot(
  { snapshot }: Pick<ActionMap['release-snapshot'], 'snapshot'>,
  { source, vm, ledger }: Pick<ApplyContext, 'source' | 'vm' | 'ledger'>,
): Promise<void> {
  await source.removeSnapshot(vm.ref, snapshot);
  await ledger.snapshotGone({ ref: snapshot });
}
