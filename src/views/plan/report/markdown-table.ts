import { plural } from '../../../model/format.js';
import { grouped } from '../../../model/grouped.js';
import type { PlanFile } from '../../../plan/file/plan-file.js';
import { isShown, type Row, rowsOf } from '../table.js';
import { wavesOf } from '../waves.js';
import { code } from './markdown-words.js';
import type { Rung } from './rungs.js';

export interface Tables {
  readonly text: readonly string[];
  /** Those that are blocked or cut over, and have no row. */
  readonly left: readonly Row[];
}

const isGrave = ({ symbol }: Row): boolean => symbol === '!' || symbol === 'x';

/** A table a wave; VMs without one come last. Blocked VMs first, then those that are cut over. */
export function tablesOf({ migrations, plan }: PlanFile, rung: Rung): Tables {
  const shown = migrations.filter(isShown);
  const waves = wavesOf(shown);
  const ofWave = grouped(shown, ({ wave }) => [wave]);
  let room = rung.rows;
  const left: Row[] = [];
  const text = waves.flatMap((wave) => {
    const all = rowsOf(ofWave.get(wave) ?? [], new Date(plan.created_at));
    const wanted = all.filter((row) => rung.harmless || isGrave(row));
    const rows = wanted.slice(0, room);
    left.push(...wanted.slice(room).filter(isGrave));
    room -= rows.length;
    const title =
      waves.length === 1 && wave === undefined ? [] : [`**${wave === undefined ? 'No wave' : `Wave ${code(wave, 40)}`}**`];
    const others = all.length - rows.length;
    const more = others === 0 ? [] : [`${plural(others, 'VM')}${rows.length === 0 ? '' : ' more'} in this table.`];
    return rows.length === 0 && wave !== undefined && room === 0 ? [] : [...title, ...table(rows, rung), ...more];
  });
  return { text, left };
}

const HEADINGS = ['', 'VM', 'phase', 'disks', 'copied', 'downtime', 'when', 'note'];

function table(rows: readonly Row[], { characters }: Rung): string[] {
  if (rows.length === 0) return [];
  const lines = rows.map(({ symbol, entry, disks, transfer, downtime, when, words, told }) => {
    const note = [...words, ...told].join(', ');
    return [`\`${symbol}\``, code(entry.name, characters), entry.phase, disks, transfer, downtime, when, note];
  });
  // A column that nobody fills takes room from those that are read.
  const used = HEADINGS.map((_, column) => column < 4 || lines.some((line) => line[column] !== '' && line[column] !== '-'));
  const line = (cells: readonly string[]): string => `| ${cells.filter((_, column) => used[column]).join(' | ')} |`;
  return [[line(HEADINGS), line(HEADINGS.map(() => '-')), ...lines.map(line)].join('\n')];
}
