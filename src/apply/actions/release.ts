import type { ActionHandler } from '../handler.js';

export const releaseAttachment: ActionHandler<'release-attachment'> = async ({ attachment, volume }, { target, ledger }) => {
  await target.release(attachment);
  await ledger.attachmentGone(volume);
};

export const releaseSnapshot: ActionHandler<'release-snapshot'> = async ({ snapshot }, { source, vm, ledger }) => {
  await source.removeSnapshot(vm.ref, snapshot);
  await ledger.snapshotGone({ ref: snapshot });
};
