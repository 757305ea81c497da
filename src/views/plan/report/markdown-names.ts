import type { Row } from '../table.js';
import { code } from './markdown-words.js';

/** What is left of a comment. */
export interface Room {
  readonly characters: number;
  readonly bytes: number;
}

interface Kind {
  readonly head: string;
  readonly state: string;
  readonly names: readonly string[];
}

/** Headings, and how many have no room. */
const AROUND_MAX = 300;
const SEPARATOR = ', ';

/** Those that have no row, by name; where not all have room, how many are left out, and the command that lists them. */
export function namesText(rows: readonly Row[], { characters, bytes }: Room): string[] {
  const kinds = kindsOf(rows).filter(({ names }) => names.length > 0);
  const shown = fittingOf(kinds, { characters: characters - AROUND_MAX, bytes: bytes - AROUND_MAX });
  const cut = kinds.flatMap(({ state, names }, index) => {
    const count = names.length - shown[index]!.length;
    return count === 0 ? [] : [`${count} ${state}`];
  });
  return [
    ...kinds.flatMap((kind, index) => kindText(kind, shown[index]!)),
    ...(cut.length === 0
      ? []
      : [`${cut.join(' and ')} have no room here: \`migplan show --detail vm\` of the saved plan lists them.`]),
  ];
}

const kindsOf = (rows: readonly Row[]): readonly Kind[] => [
  { head: 'Cut over as well', state: 'cut over', names: namesOf(rows, '!') },
  { head: 'Blocked as well', state: 'blocked', names: namesOf(rows, 'x') },
];

const namesOf = (rows: readonly Row[], symbol: Row['symbol']): string[] =>
  rows.filter((row) => row.symbol === symbol).map(({ entry }) => code(entry.name));

/** The kind with fewer names comes first and takes half of the room at most, the other one the rest: neither crowds the other out. */
function fittingOf(kinds: readonly Kind[], room: Room): readonly (readonly string[])[] {
  const taken = new Map<Kind, readonly string[]>();
  let left = room;
  for (const [index, kind] of kinds.toSorted((a, b) => a.names.length - b.names.length).entries()) {
    const names = fitting(kind.names, partOf(left, kinds.length - index));
    taken.set(kind, names);
    left = names.reduce(without, left);
  }
  return kinds.map((kind) => taken.get(kind)!);
}

const partOf = ({ characters, bytes }: Room, parts: number): Room => ({ characters: characters / parts, bytes: bytes / parts });

const without = ({ characters, bytes }: Room, name: string): Room => ({
  characters: characters - name.length - SEPARATOR.length,
  bytes: bytes - Buffer.byteLength(name) - SEPARATOR.length,
});

/** As many of the first as there is room for. */
function fitting(names: readonly string[], room: Room): readonly string[] {
  let left = room;
  const end = names.findIndex((name) => {
    left = without(left, name);
    return left.characters < 0 || left.bytes < 0;
  });
  return end < 0 ? names : names.slice(0, end);
}

const kindText = ({ head, names }: Kind, shown: readonly string[]): string[] =>
  shown.length === 0 ? [] : [`**${head}** (${names.length}): ${shown.join(SEPARATOR)}`];
