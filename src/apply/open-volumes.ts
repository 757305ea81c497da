import type { ConversionDisk } from '../contracts/converter.js';
import type { DiskKey } from '../model/ids.js';
import { attachVolumes } from './attached-volumes.js';
import type { ApplyContext } from './handler.js';
import { releaseAfter } from './release-after.js';

export type OpenVolume = Pick<ConversionDisk, 'key' | 'endpoint'>;

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
