import { DiagnosticsError } from '../diag/diagnostic.js';
import { type Extent, merge } from '../model/extent.js';
import { MiB } from '../model/ids.js';
import type { NbdEndpoint } from '../providers/data-plane.js';
import type { ApplyContext } from './handler.js';
import { writeState } from './records.js';
import type { SyncJob } from './sync-job.js';

const SAMPLES = 16;
const SAMPLE_BYTES = MiB;

/**
 * Reads the snapshot and the volume again and compares. A difference means that changed block tracking or the storage lied, so
 * the volume loses its base: the next plan shows a full copy.
 */
export async function verifyDisk(
  job: SyncJob,
  { source, target }: { readonly source: NbdEndpoint; readonly target: NbdEndpoint },
  context: ApplyContext,
): Promise<void> {
  const { disk, frozen, cycle, verify, origin } = job;
  if (verify === 'off') return;
  const extents = verify === 'full' ? [{ offset: 0, length: frozen.capacity }] : samples(frozen.capacity, cycle);
  const difference = await context.dataPlane.firstDifference(source, target, extents);
  if (difference === undefined) return;
  await writeState(context, disk, { state: { kind: 'dirty', base: undefined }, cycle, capacity: frozen.capacity, origin });
  throw new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP6005',
      address: `${context.desired.address}/disk/${disk}`,
      detail: `the volume differs from the snapshot at offset ${difference.offset}; it can no longer be used as a base`,
      nextSteps: [
        'run migplan plan again: it shows a full copy of this disk',
        frozen.changeId === undefined
          ? 'check the storage on both sides before trusting another copy'
          : 'ask VMware support about changed block tracking on this host before trusting further deltas',
      ],
    },
  ]);
}

/** Evenly spread, and at other places in each cycle, so that many cycles see the whole disk. */
export function samples(capacity: number, cycle: number): Extent[] {
  if (capacity <= SAMPLES * SAMPLE_BYTES) return [{ offset: 0, length: capacity }];
  const stride = capacity / SAMPLES;
  const golden = 0.618_033_988_749_895;
  const shift = ((cycle * golden) % 1) * (stride - SAMPLE_BYTES);
  return merge(
    Array.from({ length: SAMPLES }, (_, index) => {
      const offset = Math.floor((index * stride + shift) / 512) * 512;
      return { offset, length: Math.min(SAMPLE_BYTES, capacity - offset) };
    }),
  );
}
