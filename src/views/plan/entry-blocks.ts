import type { CutoverStep } from '../../plan/core/action-row.js';
import { cutoverOf } from '../../plan/core/action-table.js';
import type { PlannedEntry } from '../../plan/file/planned-entry.js';
import { resourceChanges } from '../../plan/file/resource-changes.js';
import { vmLines } from '../action-words.js';
import type { Block } from './block.js';
import type { Attribute, ChangeSymbol } from './change-symbol.js';
import { diskAttributes } from './disk-block.js';
import { nicText, serverNotes } from './server-attributes.js';
import { downtimeText } from './when-text.js';

/** Every block of one migration: the VM itself, its disks, its server. */
export function entryBlocks(entry: PlannedEntry): Block[] {
  return [...vmBlock(entry), ...diskBlocks(entry), ...serverBlock(entry)];
}

export const marksOf = (blocks: readonly Block[]): Set<ChangeSymbol> =>
  new Set(
    blocks.flatMap(({ symbol, attributes }) => [
      symbol,
      ...attributes.flatMap((attribute) => (attribute.symbol === ' ' ? [] : [attribute.symbol])),
    ]),
  );

function vmBlock(entry: PlannedEntry): Block[] {
  const attributes = entry.actions.flatMap(vmLines);
  if (attributes.length === 0) return [];
  return [{ address: entry.address, word: 'updated in-place', symbol: '~', title: `vm "${entry.name}"`, attributes }];
}

function diskBlocks(entry: PlannedEntry): Block[] {
  const words = new Map(resourceChanges(entry).map(({ address, change }) => [address, change.actions[0]]));
  return entry.disks.flatMap((disk): Block[] => {
    const address = `${entry.address}/disk/${disk}`;
    const word = words.get(address);
    if (word === undefined || word === 'no-op') return [];
    const comment = commentOf(entry, word === 'create');
    return [
      {
        address,
        word: word === 'create' ? 'created' : 'updated in-place',
        symbol: word === 'create' ? '+' : '~',
        title: `disk "${entry.name}" ${disk}`,
        attributes: diskAttributes(entry, disk),
        ...(comment === undefined ? {} : { comment }),
      },
    ];
  });
}

/** What a reader must see first, in this order. none: the phase says enough. */
const COMMENTS: Readonly<Record<CutoverStep, string | 'none'>> = {
  'powers-off': 'the source VM is POWERED OFF',
  finalizes: 'the copy becomes final',
  converts: 'the guest is converted',
  merges: 'none',
};

function commentOf({ phase, actions, downtime }: PlannedEntry, isNew: boolean): string | undefined {
  const steps = new Set(actions.map(cutoverOf));
  const when = downtime === undefined ? [] : [`off: ${downtimeText(downtime)}`];
  const [first] = (Object.keys(COMMENTS) as CutoverStep[]).filter((step) => steps.has(step) && COMMENTS[step] !== 'none');
  if (first === undefined) return isNew ? undefined : `phase "${phase}"`;
  return [`phase "${phase}": ${COMMENTS[first]}`, ...when].join('; ');
}

function serverBlock(entry: PlannedEntry): Block[] {
  return entry.actions.flatMap((action): Block[] => {
    if (action.kind !== 'create-server') return [];
    const { server, nics, replaces, availabilityZone } = action;
    const attributes: Attribute[] = [
      { symbol: '+', name: 'flavor', value: `"${server.flavor}"` },
      ...nics.map((nic, index): Attribute => ({ symbol: '+', name: `nic.${index}`, value: nicText(nic) })),
      ...serverNotes(server, availabilityZone),
      ...(replaces === undefined ? [] : [{ symbol: '-', name: 'replaces', value: `"${replaces}" (in status ERROR)` } as const]),
      { symbol: '+', name: 'id', value: '(known after apply)' },
    ];
    return [{ address: `${entry.address}/server`, word: 'created', symbol: '+', title: `server "${server.name}"`, attributes }];
  });
}
