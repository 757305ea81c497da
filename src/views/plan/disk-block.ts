import { type DiskKey, GiB } from '../../model/ids.js';
import { own } from '../../model/own.js';
import { makesVolume, powersOff, touches } from '../../plan/core/action-table.js';
import type { PlannedEntry } from '../../plan/file/planned-entry.js';
import { diskLines } from '../action-words.js';
import type { Attribute } from './change-symbol.js';

/** What happens to one disk, in the order it happens. */
export function diskAttributes(entry: PlannedEntry, disk: DiskKey): Attribute[] {
  const actions = entry.actions.filter((action) => touches(action, disk) || powersOff(action));
  return [...volumeAttributes(entry, disk), ...actions.flatMap((action) => diskLines(action, disk, entry))];
}

function volumeAttributes({ facts, actions }: PlannedEntry, disk: DiskKey): Attribute[] {
  if (actions.some((action) => makesVolume(action) && touches(action, disk))) return [];
  const volume = own(facts, `disk/${disk}.volume`);
  const size = Number(own(facts, `disk/${disk}.size`));
  if (volume === undefined || volume === 'none') return [];
  return [{ symbol: ' ', name: 'volume', value: `"${volume}" (${Math.round(size / GiB)} GiB)` }];
}
