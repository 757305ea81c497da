import type { DiskHistory } from '../../engine/report/delta-history.js';
import { formatBytes, formatSeconds } from '../../model/format.js';
import { timeText } from '../plan/when-text.js';
import { type Chart, secondsOf } from './charts.js';
import { figure, longTable } from './figure.js';
import { type Html, html, name } from './html.js';
import type { Section } from './page.js';

/** More lines than this cannot be told apart. */
const DRAWN_MAX = 8;
const BYTES_ID = 'deltas-chart';
const RATE_ID = 'rates-chart';

const HEADINGS = ['disk', 'deltas', 'last one', 'bytes', 'took', 'rate', 'mean rate'];

/** What earlier runs copied, and how fast: by it deltas and downtime are estimated. */
export function historySection(histories: readonly DiskHistory[]): Section[] {
  const known = histories.filter(({ deltas }) => deltas.length > 0).sort((a, b) => bytesOf(b) - bytesOf(a));
  if (known.length === 0) return [];
  const drawn = known.slice(0, DRAWN_MAX);
  const left = known.length > drawn.length ? `, of the ${drawn.length} disks with most of ${known.length}` : '';
  const content = html`<p>Deltas since the last full copy, as this machine knows them.</p>
<div class="pair">${figure(BYTES_ID, `Bytes of each delta${left}. Time in UTC.`)}${figure(RATE_ID, `How fast they were copied${left}.`)}</div>
${longTable('Deltas by disk', HEADINGS, known.map(rowText), 'disk')}`;
  return [{ id: 'history', title: 'Deltas so far', content, charts: chartsOf(drawn) }];
}

const bytesOf = ({ deltas }: DiskHistory): number => deltas.reduce((sum, { bytes }) => sum + bytes, 0);

function rowText(history: DiskHistory): Html {
  const { vm, disk, deltas } = history;
  const last = deltas.at(-1)!;
  const seconds = deltas.reduce((sum, one) => sum + one.seconds, 0);
  return html`<tr><th scope="row">${name(`${vm} ${disk}`)}</th><td class="number">${deltas.length}</td><td>${timeText(last.at)}</td><td class="number">${formatBytes(last.bytes)}</td><td class="number">${formatSeconds(last.seconds)}</td><td class="number">${rateText(last.bytes, last.seconds)}</td><td class="number">${rateText(bytesOf(history), seconds)}</td></tr>
`;
}

/** What took no time that was measured has no rate. */
export const rateText = (bytes: number, seconds: number): string =>
  seconds > 0 ? `${formatBytes(Math.round(bytes / seconds))}/s` : '-';

function chartsOf(drawn: readonly DiskHistory[]): Chart[] {
  const series = (measure: (delta: DiskHistory['deltas'][number]) => number | undefined) =>
    drawn.map(({ vm, disk, deltas }) => ({
      label: `${vm} ${disk}`,
      points: deltas.flatMap((delta): [number, number][] => {
        const value = measure(delta);
        return value === undefined ? [] : [[secondsOf(delta.at), value]];
      }),
    }));
  return [
    { kind: 'lines', id: BYTES_ID, unit: 'bytes', series: series(({ bytes }) => bytes) },
    {
      kind: 'lines',
      id: RATE_ID,
      unit: 'bytes/s',
      series: series(({ bytes, seconds }) => (seconds > 0 ? Math.round(bytes / seconds) : undefined)),
    },
  ];
}
