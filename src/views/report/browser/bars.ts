import uPlot from 'uplot';
import type { Chart } from '../charts.js';
import { axis, BYTE_STEPS, byteText, colourOf, fitted, labelWidth, type Place } from './drawing.js';

const ROW_HEIGHT = 24;
const AXIS_HEIGHT = 64;
const BAR_SHARE = 0.7;

type Bars = Extract<Chart, { kind: 'bars' }>;

/** Lying, because names of VMs are long. What is drawn first ends furthest: the last series of the stack. */
export function drawBars({ labels, series }: Bars, at: Place): uPlot {
  const sums = series.map((_, last) =>
    labels.map((__, row) => series.slice(0, last + 1).reduce((sum, { values }) => sum + (values[row] ?? 0), 0)),
  );
  const most = Math.max(1, ...sums.flat());
  const width = labelWidth(at);
  const order = series.map((_, index) => index).reverse();
  return new uPlot(
    {
      width: at.width,
      height: labels.length * ROW_HEIGHT + AXIS_HEIGHT,
      padding: [0, 24, 0, 0],
      cursor: { drag: { x: false, y: false }, x: false, y: false, points: { show: false } },
      legend: { live: false },
      scales: {
        x: { time: false, ori: 1, dir: -1, range: [-0.5, labels.length - 0.5] },
        y: { ori: 0, range: [0, most * 1.02] },
      },
      axes: [
        axis(at, {
          side: 3,
          size: width,
          splits: () => labels.map((_, row) => row),
          values: (_, ticks) => ticks.map((row) => fitted(labels[row] ?? '', width)),
          grid: { show: false },
        }),
        axis(at, { side: 2, size: 30, space: 90, incrs: BYTE_STEPS, values: (_, ticks) => ticks.map(byteText) }),
      ],
      series: [
        {},
        ...order.map((index): uPlot.Series => {
          const colour = colourOf(at, index);
          return {
            label: series[index]!.label,
            stroke: colour,
            fill: colour,
            width: 0,
            points: { show: false },
            paths: uPlot.paths.bars!({ size: [BAR_SHARE, 20] }),
          };
        }),
      ],
    },
    [labels.map((_, row) => row), ...order.map((index) => sums[index]!)] as uPlot.AlignedData,
    at.host,
  );
}
