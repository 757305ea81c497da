import { catalog } from '../../../diag/catalog.js';
import type { PlanFile } from '../../../plan/file/plan-file.js';
import { printableWords } from '../../printable.js';
import { type EqualDiagnostics, equalDiagnostics, named } from '../equal-diagnostics.js';
import { violationGroups } from '../violations.js';
import { markdownReport } from './markdown.js';

/** GitHub shows so many annotations of one kind of a step, and drops the rest without a word. */
const ANNOTATIONS_MAX = 10;

/** Annotations for the log of a workflow, at the lines of the manifests; then the summary. */
export function githubReport(plan: PlanFile): string {
  const { migrations, summary } = plan;
  const lines = [
    ...annotations([...violationGroups(plan), ...equalDiagnostics(migrations, 'error')], 'error'),
    ...annotations(equalDiagnostics(migrations, 'warning'), 'warning'),
    ...summary,
  ];
  return `${lines.join('\n')}\n`;
}

/** For `$GITHUB_STEP_SUMMARY`. It goes by no view: what is foreign in it is made printable here. */
export const githubSummary = (plan: PlanFile): string => markdownReport(printableWords(plan));

/** Lines for `$GITHUB_OUTPUT`: what the steps after it decide by. All of it is ours: nothing forges a second output. */
export function githubOutputs({ plan, counts, digest, violations = [] }: PlanFile): string {
  const values = {
    changes: plan.applyable,
    irreversible: plan.irreversible,
    add: counts.create,
    change: counts.update,
    blocked: counts.blocked,
    violations: violations.length,
    digest,
    expires: plan.expires_at,
  };
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

function annotations(groups: readonly EqualDiagnostics[], kind: 'error' | 'warning'): string[] {
  if (groups.length <= ANNOTATIONS_MAX) return groups.map((group) => annotation(group, kind));
  const shown = groups.slice(0, ANNOTATIONS_MAX - 1);
  const more = `${groups.length - shown.length} more are in the log and in the plan`;
  return [...shown.map((group) => annotation(group, kind)), `::${kind} title=migplan::${more}`];
}

function annotation({ first, addresses }: EqualDiagnostics, kind: 'error' | 'warning'): string {
  const { code, detail, lines = [], source, nextSteps = [] } = first;
  const place =
    source === undefined ? [] : [`file=${property(source.file)}`, `line=${source.start.line}`, `col=${source.start.column}`];
  const title = `title=${property(`${catalog[code]} [${code}]`)}`;
  const message = [`${named(addresses)}: ${detail}`, ...lines, ...nextSteps.map((step) => `- ${step}`)].join('\n');
  return `::${kind} ${[...place, title].join(',')}::${data(message)}`;
}

const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
