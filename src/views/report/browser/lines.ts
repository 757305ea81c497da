import uPlot from 'uplot';
import type { Chart } from '../charts.js';
import { axis, BYTE_STEPS, byteText, colourOf, fitted, inUtc, type Place, timeText, timeTicks } from './drawing.js';

const HEIGHT = 280;
const LEGEND_WIDTH = 220;
/** Around a single point in time. */
const HALF_HOUR = 1800;

type Lines = Extract<Chart, { kind: 'lines' }>;

/** Values over time. Lines go on where others have a point of their own, and are told apart without their colours as well. */
export function drawLines({ unit, series }: Lines, at: Place): uPlot {
  const per = unit === 'bytes/s' ? '/s' : '';
  const tables = series.map(
    ({ points }) => [points.map(([time]) => time), points.map(([, value]) => value)] as uPlot.AlignedData,
  );
  const data = uPlot.join(tables);
  return new uPlot(
    {
      width: at.width,
      height: HEIGHT,
      padding: [8, 16, 0, 0],
      tzDate: inUtc,
      scales: {
        x: { range: (_, from, to) => (to > from ? [from, to] : [from - HALF_HOUR, from + HALF_HOUR]) },
        y: { range: fromZero },
      },
      axes: [
        axis(at, { values: timeTicks, space: 70 }),
        axis(at, { size: 80, incrs: BYTE_STEPS, values: (_, ticks) => ticks.map((tick) => `${byteText(tick)}${per}`) }),
      ],
      series: [
        { label: 'UTC', value: (_, time) => (time === null ? '-' : timeText(time)) },
        ...series.map(
          ({ label }, index): uPlot.Series => ({
            label: fitted(label, LEGEND_WIDTH),
            stroke: colourOf(at, index),
            width: 2,
            ...(index % 2 === 0 ? {} : { dash: [8, 4] }),
            points: { show: true, size: 5 },
            value: (_, value) => (value === null || value === undefined ? '-' : `${byteText(Math.round(value))}${per}`),
          }),
        ),
      ],
    },
    data,
    at.host,
  );
}

/** A rate that looks like nothing because another one is twice as high is still read right; one that begins at its least is not. */
const fromZero: uPlot.Range.Function = (_, __, most) => [0, Math.max(1, most * 1.1)];
