import { own } from '../../model/own.js';
import type { ActionMap } from '../../plan/core/action.js';
import type { Attribute } from './change-symbol.js';

/** Image metadata of one volume, key by key. */
export function imageAttributes({
  set,
  unset,
  before,
  bootable,
  notBootable,
  machineTypeAsked,
}: ActionMap['set-image-metadata']): Attribute[] {
  const changed = Object.entries(set).map(([key, value]): Attribute => {
    const old = own(before, key);
    const asked = key === 'hw_machine_type' && machineTypeAsked !== undefined ? ` (in place of "${machineTypeAsked}")` : '';
    return old === undefined
      ? { symbol: '+', name: `image_metadata.${key}`, value: `"${value}"${asked}` }
      : { symbol: '~', name: `image_metadata.${key}`, value: `"${old}" -> "${value}"${asked}` };
  });
  const removed = unset.map(
    (key): Attribute => ({
      symbol: '-',
      name: `image_metadata.${key}`,
      value: `"${own(before, key) ?? ''}" -> (the destination's default)`,
    }),
  );
  const boots: Attribute[] = [
    ...(bootable ? [{ symbol: '+', name: 'bootable', value: '"true"' } as const] : []),
    ...(notBootable === true
      ? [{ symbol: '~', name: 'bootable', value: '"true" -> "false" (another disk is the boot disk)' } as const]
      : []),
  ];
  return [...changed, ...removed, ...boots];
}
