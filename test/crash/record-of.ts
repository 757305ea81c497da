import type { SimVolume } from '../../lab/sim/target-cloud.js';
import type { SyncRecord } from '../../src/model/sync-record.js';
import { decodeRecord } from '../../src/state/sync-record-codec.js';

export function recordOf(volume: SimVolume): SyncRecord {
  const reading = decodeRecord(volume.metadata);
  if (reading.kind !== 'record') throw new Error(`${volume.name}: ${JSON.stringify(reading)}`);
  return reading.record;
}
