import type { DiskKey } from '../model/ids.js';
import type { TargetBlock } from '../providers/provider.js';
import type { ApplyContext } from './handler.js';
import { volumeOf } from './records.js';

export interface Hold extends AsyncDisposable {
  readonly block: TargetBlock;
}

/**
 * Holds a Cinder attachment on the disk's volume until disposed: while it is held the cloud neither deletes nor boots the
 * volume under our writer. What is about to be taken stands in the ledger first, so that a killed run's hold is found.
 */
export async function holdVolume(context: ApplyContext, disk: DiskKey): Promise<Hold> {
  const { target, ledger } = context;
  const volume = volumeOf(context, disk);
  await ledger.attachmentIntended(volume, context.records.get(disk)?.run);
  const attachment = await target.reserve(volume);
  await ledger.attachmentTaken(volume, attachment);
  const giveBack = async (): Promise<void> => {
    await target.release(attachment);
    await ledger.attachmentGone(volume);
  };
  try {
    const { block } = await target.connect(volume, attachment);
    return { block, [Symbol.asyncDispose]: giveBack };
  } catch (error) {
    // The hold stands in the ledger; why it was of no use is what must be told.
    await giveBack().catch(() => undefined);
    throw error;
  }
}
