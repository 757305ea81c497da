import type { RunReport } from '../../../engine/report/report-of-run.js';
import type { RunRecord, VmRun } from '../../../engine/runs/run-record.js';
import { formatBytes, plural } from '../../../model/format.js';
import { named } from '../../plan/equal-diagnostics.js';
import { printableWords } from '../../printable.js';
import { timeText } from '../../runs/run-words.js';
import { headingText, headRows, stepLines, vmEndText } from '../../runs/show.js';
import { folded } from '../figure.js';
import { historySection } from '../history.js';
import { type Html, html, marked, name, sentence } from '../html.js';
import type { Page, Section } from '../page.js';
import { copiesSection } from './copies.js';
import { timelineSection } from './timeline.js';
import { troubleSection } from './trouble.js';

/** A run as `runs show` tells it; `now`: of one that goes on. */
export function runPage(report: RunReport, { version, now }: { readonly version: string; readonly now: Date }): Page {
  const { record, journal, histories } = printableWords(report);
  return {
    title: `migplan: ${headingText(record)}`,
    version,
    head: headOf(record, now),
    sections: [
      ...troubleSection(record),
      ...timelineSection(record, now),
      ...copiesSection(record),
      ...historySection(histories),
      ...stepsSection(record),
    ],
    foot: html`<dl>${headRows(record, journal, now).map(([term, text]) => html`<dt>${term}</dt><dd>${text}</dd>`)}</dl>
<p class="quiet">This page by migplan ${version}.</p>`,
  };
}

function headOf(record: RunRecord, now: Date): Html {
  const { startedAt, endedAt, status } = record;
  const until = endedAt ?? (status === 'running' ? now.toISOString() : record.lastAt);
  const end = status === 'ended' ? 'ended' : status === 'running' ? 'still running at' : 'last seen';
  return html`<h1>${headingText(record)}</h1>
<ul class="verdict">${verdict(record).map((line) => html`<li>${sentence(line)}</li>`)}</ul>
<p class="quiet">Started ${timeText(startedAt)}, ${end} ${timeText(until)}. All times are UTC.</p>`;
}

/** What somebody has to look at comes first. */
const RANKS = ['failed', 'refused', 'interrupted', 'cut off', 'being worked on', 'blocked', 'not-started', 'not begun', 'done'];

function verdict(record: RunRecord): string[] {
  const groups = new Map<string, VmRun[]>();
  for (const vm of record.vms) groups.set(vmEndText(vm, record), [...(groups.get(vmEndText(vm, record)) ?? []), vm]);
  const ranked = [...groups].sort(([a], [b]) => RANKS.indexOf(a) - RANKS.indexOf(b));
  const lines = ranked.map(
    ([end, vms]) => `${plural(vms.length, 'VM')} ${end}: ${named(vms.map(({ address }) => marked(address)))}.`,
  );
  return [...lines, ...(record.vms.length === 0 ? ['No VM was to be worked on.'] : []), `Copied: ${formatBytes(record.bytes)}.`];
}

function stepsSection(record: RunRecord): Section[] {
  const begun = record.vms.filter(({ steps, notes }) => steps.length + notes.length > 0);
  if (begun.length === 0) return [];
  const content = html`${begun.map((vm) => folded(html`${name(vm.address)}: ${vmEndText(vm, record)}`, stepsText(vm, record)))}`;
  return [{ id: 'steps', title: 'All steps', content }];
}

function stepsText({ steps, notes }: VmRun, record: RunRecord): Html {
  const lines = [
    ...steps.flatMap((step) => stepLines(step, record)),
    ...notes.map(({ at, text }) => `  ${at.slice(11, 19)} ${text}`),
  ];
  return html`<pre>${lines.map(
    (line) => html`${line}
`,
  )}</pre>
`;
}
