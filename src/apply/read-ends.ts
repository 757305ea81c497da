import type { SourceSnapshot } from '../contracts/source-provider.js';
import type { Extent } from '../model/extent.js';
import type { DiskKey } from '../model/ids.js';
import type { ApplyContext } from './handler.js';
import { releaseAfter } from './release-after.js';

const SECTOR = 512;

/**
 * Reads the first and the last sector of a frozen disk as a copy would: that a library is there, a disk opens and its size is right
 * proves nothing.
 */
export async function readEnds(
  snapshot: SourceSnapshot,
  disk: DiskKey,
  { source, dataPlane, signal }: Pick<ApplyContext, 'source' | 'dataPlane' | 'signal'>,
): Promise<void> {
  const capacity = snapshot.disks.find(({ key }) => key === disk)?.capacity ?? 0;
  const reader = await source.reader(snapshot, disk, signal);
  await releaseAfter(
    async () => {
      const endpoint = await dataPlane.openSource(reader, capacity);
      // What is compared has been read.
      await releaseAfter(
        async () =>
          void (await dataPlane.firstDifference({ source: endpoint, target: endpoint, extents: ends(capacity), signal })),
        () => endpoint.close(),
      );
    },
    async () => reader.release?.(),
  );
}

/** A disk may end within a sector. */
export function ends(capacity: number): Extent[] {
  const last = Math.floor((capacity - 1) / SECTOR) * SECTOR;
  const first = { offset: 0, length: Math.min(SECTOR, capacity) };
  return last < SECTOR ? [first] : [first, { offset: last, length: capacity - last }];
}
