import { plural } from '../../../model/format.js';
import { grouped } from '../../../model/grouped.js';
import type { PlanFile } from '../../../plan/file/plan-file.js';
import { isShown, type Row, rowsOf } from '../table.js';
import { wavesOf } from '../waves.js';
import { code } from './markdown-words.js';
import type { Rung } from './rungs.js';

/** A table a wave; VMs without one come last. Blocked VMs first, then those that are cut over. */
export function tablesText({ migrations, plan }: PlanFile, rung: Rung): string[] {
  const shown = migrations.filter(isShown);
  const waves = wavesOf(shown);
  const ofWave = grouped(shown, ({ wave }) => [wave]);
  let room = rung.rows;
  return waves.flatMap((wave) => {
    const all = rowsOf(ofWave.get(wave) ?? [], new Date(plan.created_at));
    const wanted = all.filter(({ symbol }) => rung.harmless || symbol === '!' || symbol === 'x');
    const rows = wanted.slice(0, room);
    room -= rows.length;
    const title =
      waves.length === 1 && wave === undefined ? [] : [`**${wave === undefined ? 'No wave' : `Wave ${code(wave, 40)}`}**`];
    const left = all.length - rows.length;
    const more = left === 0 ? [] : [`${plural(left, 'VM')}${rows.length === 0 ? '' : ' more'} in this table.`];
    return rows.length === 0 && wave !== undefined && room === 0 ? [] : [...title, ...table(rows, rung), ...more];
  });
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
