import type { PlanReport } from '../../../engine/report/report-of-plan.js';
import type { PlanFile } from '../../../plan/file/plan-file.js';
import { headingText, verdictLines } from '../../plan/verdict.js';
import { timeText } from '../../plan/when-text.js';
import { printableWords } from '../../printable.js';
import { historySection } from '../history.js';
import { type Html, html, marked, name, sentence, when } from '../html.js';
import type { Page } from '../page.js';
import { stepsSection } from './steps.js';
import { blockedSection, notesSection, violationsSection, warningsSection } from './told.js';
import { transferSection } from './transfer.js';
import { vmsSection } from './vms.js';
import { windowsSection } from './windows.js';

/** The plan as its text and the comment tell it: the same words, the same numbers, the same clock. */
export function planPage(report: PlanReport, version: string): Page {
  const plan = printableWords(report.plan);
  const sections = [
    ...violationsSection(plan),
    ...blockedSection(plan),
    vmsSection(plan),
    ...windowsSection(plan),
    ...transferSection(plan),
    ...historySection(printableWords(report.histories)),
    ...warningsSection(plan),
    ...notesSection(plan),
    ...stepsSection(plan),
  ];
  return {
    title: headingText(plan),
    version,
    head: headOf(plan),
    sections,
    foot: footOf(plan, version),
  };
}

function headOf(plan: PlanFile): Html {
  const { created_at: at, created_by: by, expires_at: until, irreversible } = plan.plan;
  return html`<h1>${headingText(plan)}</h1>
<ul class="verdict">${verdictLines(plan, marked).map((line) => html`<li>${sentence(line)}</li>`)}</ul>
<p class="quiet">Planned ${timeText(at)} by ${name(by)}. May be applied until ${timeText(until)}.${when(
    irreversible,
    () => html` Applying it needs <code>--allow-cutover</code>.`,
  )} All times are UTC.</p>`;
}

function footOf({ targets, inputs, digest, plan, tool, summary }: PlanFile, version: string): Html {
  const rows: readonly (readonly [string, Html])[] = [
    ['Summary', html`${summary.map((line) => html`<span class="line">${line}</span>`)}`],
    [
      'Clouds',
      html`${targets.map(({ provider, endpoint }) => html`<span class="line">${name(provider)}: ${name(endpoint)}</span>`)}`,
    ],
    ['Selected', html`${inputs.selected.length === 0 ? 'the whole project' : inputs.selected.join(', ')}`],
    ['Digest of the plan', html`<code>${digest}</code>`],
    ['Id of the plan', html`<code>${plan.id}</code>`],
    ['Made by', html`migplan ${tool.migplan_version}; this page by migplan ${version}`],
  ];
  return html`<dl>${rows.map(([term, value]) => html`<dt>${term}</dt><dd>${value}</dd>`)}</dl>`;
}
