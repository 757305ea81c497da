import type { ConversionDisk } from '../contracts/converter.js';
import type { TargetBlock } from '../contracts/target-provider.js';
import type { DiskKey } from '../model/ids.js';
import { attachVolumes } from './attached-volumes.js';
import type { ApplyContext } from './handler.js';
import { releaseAfter } from './release-after.js';

export type OpenVolume = Pick<ConversionDisk, 'key' | 'endpoint'>;

/**
 * A merge is gone on with as it was begun, and nothing is compared: what its former writer sends late is what is merged now, unless the guest runs
 * by then. So it is cut off where that can be done.
 */
async function cutOffFormer(
  disk: DiskKey,
  block: TargetBlock,
  { doubted, dataPlane, emit, desired }: ApplyContext,
): Promise<void> {
  if (!doubted.has(disk) || !(await dataPlane.cutOff(block))) return;
  emit({ type: 'note', address: desired.address, note: { kind: 'cut-off', disk } });
}

/** Holds and opens every volume for the time of `work`, closes the writers before the holds are given back. */
export async function withOpenVolumes<T>(
  context: ApplyContext,
  disks: readonly DiskKey[],
  work: (open: readonly OpenVolume[]) => Promise<T>,
): Promise<T> {
  const attachments = await attachVolumes(context, disks);
  const open: OpenVolume[] = [];
  return releaseAfter(
    () =>
      attachments.during(async () => {
        for (const [index, key] of disks.entries()) {
          await cutOffFormer(key, attachments.blocks[index]!, context);
          const endpoint = await context.dataPlane.openTarget(
            attachments.blocks[index]!,
            context.records.get(key)?.capacity ?? 0,
          );
          open.push({ key, endpoint });
        }
        return work(open);
      }),
    async () => {
      for (const { endpoint } of open) await endpoint.close();
      await attachments[Symbol.asyncDispose]();
    },
  );
}
