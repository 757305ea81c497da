import type { DiskRun, RunRecord, VmRun } from '../../../engine/runs/run-record.js';
import { formatBytes, formatSeconds } from '../../../model/format.js';
import { type Chart, secondsOf } from '../charts.js';
import { figure, longTable } from '../figure.js';
import { rateText } from '../history.js';
import { type Html, html, name } from '../html.js';
import type { Section } from '../page.js';

const BARS_MAX = 25;
/** More lines than this cannot be told apart. */
const LINES_MAX = 8;
const BYTES_ID = 'copied-chart';
const RATES_ID = 'run-rates-chart';
const HEADINGS = ['disk', 'mode', 'cycle', 'delta', 'written', 'took', 'rate', 'verified'];

interface Copy {
  readonly label: string;
  readonly disk: DiskRun;
}

export const disksOf = ({ steps }: VmRun): DiskRun[] => steps.flatMap(({ disks }) => disks);

/** Every copy of every disk: how much, how long, how fast, and how fast it was on its way. */
export function copiesSection({ vms }: RunRecord): Section[] {
  const copies = vms.flatMap((vm) =>
    disksOf(vm).map((disk): Copy => ({ label: `${vm.address.replace(/^vm\//, '')} ${disk.disk}`, disk })),
  );
  if (copies.length === 0) return [];
  const most = copies.filter(({ disk }) => (disk.bytes ?? 0) > 0).sort((a, b) => b.disk.bytes! - a.disk.bytes!);
  const lines = [...copies]
    .sort((a, b) => lengthOf(b.disk) - lengthOf(a.disk))
    .flatMap(rateLine)
    .slice(0, LINES_MAX);
  const left = most.length > BARS_MAX ? `, of the ${BARS_MAX} copies with most of ${most.length}` : '';
  const content = html`${most.length > 0 ? figure(BYTES_ID, `Bytes written${left}.`) : ''}${
    lines.length > 0 ? figure(RATES_ID, `Rate of the ${LINES_MAX} longest copies, on their way. Time in UTC.`) : ''
  }${longTable('Copies by disk', HEADINGS, copies.map(rowText), 'copy')}`;
  const charts: Chart[] = [
    ...(most.length > 0 ? [barsOf(most.slice(0, BARS_MAX))] : []),
    ...(lines.length > 0 ? [{ kind: 'lines', id: RATES_ID, unit: 'bytes/s', series: lines } as const] : []),
  ];
  return [{ id: 'copies', title: 'Copies', content, charts }];
}

const lengthOf = ({ startedAt, endedAt, progress }: DiskRun): number =>
  secondsOf(endedAt ?? progress.at(-1)?.at ?? startedAt) - secondsOf(startedAt);

function rowText({ label, disk }: Copy): Html {
  const { mode, cycle, delta, bytes, seconds = 0, verified } = disk;
  const done =
    bytes === undefined ? ['not complete', '-', '-'] : [formatBytes(bytes), formatSeconds(seconds), rateText(bytes, seconds)];
  const cells = [mode, cycle, delta === undefined ? '-' : formatBytes(delta.bytes), ...done, verified?.mode ?? '-'];
  return html`<tr><th scope="row">${name(label)}</th>${cells.map((cell) => html`<td class="short">${cell}</td>`)}</tr>
`;
}

const barsOf = (top: readonly Copy[]): Chart => ({
  kind: 'bars',
  id: BYTES_ID,
  labels: top.map(({ label }) => label),
  series: [
    { label: 'whole disks', values: top.map(({ disk }) => (disk.mode === 'delta' ? 0 : disk.bytes!)) },
    { label: 'deltas', values: top.map(({ disk }) => (disk.mode === 'delta' ? disk.bytes! : 0)) },
  ],
});

/** Between the points at which the journal says how far it was; of a copy too short for any, its mean from begin to end. */
function rateLine({ label, disk }: Copy): { label: string; points: [number, number][] }[] {
  const { startedAt, endedAt, bytesPerSecond, progress } = disk;
  const places = [{ at: startedAt, bytesDone: 0 }, ...progress];
  const points = progress.flatMap(({ at, bytesDone }, index): [number, number][] => {
    const before = places[index]!;
    const seconds = (Date.parse(at) - Date.parse(before.at)) / 1000;
    return seconds > 0 ? [[secondsOf(at), Math.max(0, Math.round((bytesDone - before.bytesDone) / seconds))]] : [];
  });
  if (points.length > 0) return [{ label, points }];
  if (bytesPerSecond === undefined || endedAt === undefined) return [];
  const mean = Math.round(bytesPerSecond);
  return [
    {
      label,
      points: [
        [secondsOf(startedAt), mean],
        [Math.max(secondsOf(endedAt), secondsOf(startedAt) + 1), mean],
      ],
    },
  ];
}
