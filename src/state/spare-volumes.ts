import type { ObservedVolume } from '../model/observed-target.js';

export interface OneDisksVolumes {
  /** One, unless several hold something. */
  readonly volumes: readonly ObservedVolume[];
  /** They hold nothing, and the disk has another one. */
  readonly spares: readonly ObservedVolume[];
}

/**
 * A cloud may carry out a dead run's request for a volume after the next run has made its own. Such a volume is as it was born, and the
 * other one is the disk's. Where all are, the first by id is: every look must come to the same one.
 */
export function withoutSpares(found: readonly ObservedVolume[]): OneDisksVolumes {
  if (found.length < 2) return { volumes: found, spares: [] };
  const used = found.filter((volume) => !isNewborn(volume));
  const newborn = found.filter(isNewborn).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return used.length > 0 ? { volumes: used, spares: newborn } : { volumes: newborn.slice(0, 1), spares: newborn.slice(1) };
}

/** Its record says that no byte of it counts, and nobody has it in hand. */
function isNewborn({ reading, status, attachments }: ObservedVolume): boolean {
  if (reading.kind !== 'record' || status !== 'available' || attachments.length > 0) return false;
  const { state } = reading.record;
  return state.kind === 'dirty' && state.base === undefined && state.partial === undefined;
}
