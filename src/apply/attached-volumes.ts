import type { AttachedVolume, TargetBlock } from '../contracts/target-provider.js';
import { uninterrupted } from '../host/interruption.js';
import type { DiskKey } from '../model/ids.js';
import type { ApplyContext } from './handler.js';
import { volumeOf } from './records.js';
import { inTurn, releaseAndFail } from './release-after.js';

export interface OpenAttachments extends AsyncDisposable {
  /** In the order of the disks asked for. */
  readonly blocks: readonly TargetBlock[];
  /**
   * Runs `work` on the blocks. When it fails and a hold broke meanwhile, that is thrown: it is the reason, of which `work` saw
   * only an end of file.
   */
  during<T>(work: () => Promise<T>): Promise<T>;
}

interface OpenAttachment {
  readonly block: TargetBlock;
  readonly broken: AttachedVolume['broken'];
  release(): Promise<void>;
}

/**
 * Holds the volumes of these disks until disposed: while they are held the cloud neither deletes nor boots them under our
 * writer. Where the cloud takes few at a time, room for all of them is waited for first.
 */
export async function attachVolumes(context: ApplyContext, disks: readonly DiskKey[]): Promise<OpenAttachments> {
  const { target, signal } = context;
  const slots = await target.takeSlots?.(
    disks.map((disk) => volumeOf(context, disk)),
    signal,
  );
  const opened: OpenAttachment[] = [];
  const release = async (): Promise<void> => {
    try {
      await uninterrupted(() => inTurn(opened.map((attachment) => attachment.release)));
    } finally {
      await slots?.[Symbol.asyncDispose]();
    }
  };
  try {
    for (const disk of disks) opened.push(await attachVolume(context, disk));
  } catch (error) {
    return releaseAndFail(error, release);
  }
  return {
    blocks: opened.map(({ block }) => block),
    during: (work) => work().catch(async (error: unknown) => Promise.reject((await firstBroken(opened)) ?? error)),
    [Symbol.asyncDispose]: release,
  };
}

async function firstBroken(opened: readonly OpenAttachment[]): Promise<Error | undefined> {
  for (const { broken } of opened) {
    const reason = await broken?.();
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** What is about to be taken stands in the ledger first, so that a killed run's hold is found. */
async function attachVolume(context: ApplyContext, disk: DiskKey): Promise<OpenAttachment> {
  const { target, ledger, ownAttachments } = context;
  const volume = volumeOf(context, disk);
  await ledger.attachmentIntended(volume, context.records.get(disk)?.run);
  // Short, and what it made is told by its answer only.
  const attachment = await uninterrupted(() => target.reserve(volume, ownAttachments));
  await ledger.attachmentTaken(volume, attachment);
  const release = async (): Promise<void> => {
    // Whoever has the VM now may use it as it is, and knows of it.
    if (context.lost?.aborted === true) return;
    await target.release(attachment);
    await ledger.attachmentGone(volume);
  };
  try {
    const { block, broken } = await target.connect(volume, attachment);
    return { block, broken, release };
  } catch (error) {
    return releaseAndFail(error, release);
  }
}
