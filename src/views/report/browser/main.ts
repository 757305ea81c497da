import type uPlot from 'uplot';
import { CHARTS_ID, type Chart } from '../charts.js';
import { drawBars } from './bars.js';
import { type Place, place } from './drawing.js';
import { drawLines } from './lines.js';
import { drawTimeline } from './timeline.js';

const charts = JSON.parse(document.getElementById(CHARTS_ID)?.textContent ?? '[]') as Chart[];
const drawn = new Map<string, uPlot>();

function draw(chart: Chart, at: Place): uPlot {
  switch (chart.kind) {
    case 'timeline':
      return drawTimeline(chart, at);
    case 'bars':
      return drawBars(chart, at);
    case 'lines':
      return drawLines(chart, at);
  }
}

/** All of them anew: canvases know nothing of the colours of the page, or of how wide it has become. */
function drawAll(): void {
  const figures = charts.flatMap((chart) => {
    const figure = document.getElementById(chart.id);
    const host = figure?.querySelector<HTMLElement>('.chart');
    if (figure === null || host === null || host === undefined) return [];
    // How wide one is depends on which others are there.
    figure.hidden = false;
    drawn.get(chart.id)?.destroy();
    return [{ chart, host }];
  });
  for (const { chart, host } of figures) drawn.set(chart.id, draw(chart, place(host)));
}

let width = innerWidth;
let waiting = 0;
addEventListener('resize', () => {
  // A telephone that hides its address bar is as wide as before.
  if (innerWidth === width) return;
  width = innerWidth;
  clearTimeout(waiting);
  waiting = setTimeout(drawAll, 100);
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);

/** On paper: light, as wide as a sheet, and unfolded but for what would be a book. */
const opened: HTMLDetailsElement[] = [];
addEventListener('beforeprint', () => {
  document.documentElement.classList.add('printing');
  for (const details of document.querySelectorAll<HTMLDetailsElement>('details:not([open], .screen, .screen *)')) {
    details.open = true;
    opened.push(details);
  }
  drawAll();
});
addEventListener('afterprint', () => {
  document.documentElement.classList.remove('printing');
  for (const details of opened.splice(0)) details.open = false;
  drawAll();
});

drawAll();
