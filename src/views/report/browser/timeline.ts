import uPlot from 'uplot';
import type { Chart } from '../charts.js';
import { axis, colourOf, fitted, inUtc, labelWidth, type Place, timeTicks } from './drawing.js';
import { seen } from './spans.js';

const ROW_HEIGHT = 30;
const BAR_HEIGHT = 14;
const AXIS_HEIGHT = 50;

type Timeline = Extract<Chart, { kind: 'timeline' }>;

/** A thick line at the height of its row while something is open, and nothing between. */
export function drawTimeline({ rows, from, to }: Timeline, at: Place): uPlot {
  const width = labelWidth(at);
  const drawn = rows.map(({ spans }) => spans.map((span) => seen(span, [from, to], at.width - width)));
  // A second after each end there is nothing, whatever the other rows do then.
  const edges = drawn.flatMap((spans) => spans.flatMap(([begin, end]) => [begin, end, end + 1]));
  const times = [...new Set([from, to, ...edges])].sort((a, b) => a - b);
  const heights = drawn.map((spans, row) =>
    times.map((time) => (spans.some(([begin, end]) => begin <= time && time <= end) ? row : null)),
  );
  return new uPlot(
    {
      width: at.width,
      height: rows.length * ROW_HEIGHT + AXIS_HEIGHT,
      padding: [4, 16, 0, 0],
      tzDate: inUtc,
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { range: [from, Math.max(to, from + 1)] }, y: { range: [-0.5, rows.length - 0.5], dir: -1 } },
      axes: [
        axis(at, { values: timeTicks, space: 70 }),
        axis(at, {
          size: width,
          splits: () => rows.map((_, row) => row),
          values: (_, ticks) => ticks.map((row) => fitted(rows[row]?.label ?? '', width)),
          grid: { show: false },
        }),
      ],
      series: [
        {},
        ...rows.map(
          (_, row): uPlot.Series => ({ stroke: colourOf(at, row === 0 ? 7 : 0), width: BAR_HEIGHT, points: { show: false } }),
        ),
      ],
    },
    [times, ...heights] as uPlot.AlignedData,
    at.host,
  );
}
