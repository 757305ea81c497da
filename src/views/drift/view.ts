import { type DriftReport, isDrift } from '../../engine/find-drift.js';
import { plural } from '../../model/format.js';
import { diagnosticText } from '../diagnostic-text.js';
import { jsonDiagnostic } from '../json-lines.js';
import { jsonText, selectView } from '../printable.js';
import { style } from '../style.js';
import type { ViewOptions } from '../view-options.js';
import { applyText, caveatOf, differenceText, unfinishedText } from './since-text.js';

/** What `drift` has to say. */
export interface DriftView {
  drift(report: DriftReport): void;
}

export const driftView = (options: ViewOptions): DriftView => selectView(options, { human: humanView, json: jsonView });

const humanView = ({ streams, noColor }: ViewOptions): DriftView => ({
  drift(report) {
    const paint = style({ isTerminal: streams.outIsTerminal, off: noColor });
    for (const line of headlines(report)) streams.out(`${paint.strong(line)}\n`);
    for (const { address, diagnostics } of report.drifted) {
      streams.out(`\n${paint.strong(`# ${address} is not as declared`)}\n`);
      for (const diagnostic of diagnostics) streams.out(diagnosticText(diagnostic, paint));
    }
    for (const one of changedSince(report)) streams.out(`\n${changesText(one, paint)}`);
    const notes = [...report.since.flatMap(caveat), ...report.notes];
    if (notes.length > 0) streams.out(`\n${notes.map((note) => `  . ${note}\n`).join('')}`);
  },
});

type Since = DriftReport['since'][number];

const changedSince = ({ since }: DriftReport): readonly Since[] => since.filter(({ apply }) => apply.changes.length > 0);

/** Never that all is well of what is not known. */
function headlines(report: DriftReport): string[] {
  const { vms, drifted, since } = report;
  if (vms === 0) return ['No VM is selected: nothing was compared.'];
  const unknown = since.filter(({ apply }) => apply.recorded !== 'here').length;
  if (!isDrift(report)) {
    const left = vms === 1 ? 'as its last apply left it' : 'as their last apply left them';
    const declared = `${plural(vms, 'VM')} ${vms === 1 ? 'is' : 'are'} as declared`;
    return [
      unknown === 0
        ? `No drift. ${declared}, and ${left}.`
        : `${declared}. Of ${unknown} it is not fully known what the last apply left.`,
    ];
  }
  const changed = changedSince(report).length;
  return [
    ...(drifted.length > 0
      ? [`${drifted.length} of ${plural(vms, 'VM')} ${drifted.length === 1 ? 'is' : 'are'} not as declared.`]
      : []),
    ...(changed > 0 ? [`${changed} of ${plural(vms, 'VM')} changed since the last apply.`] : []),
  ];
}

function changesText({ address, apply }: Since, paint: ReturnType<typeof style>): string {
  const unfinished = unfinishedText(apply);
  const lines = apply.changes.map((change) => `  ~ ${change.address} ${differenceText(change)}\n`);
  const head = paint.strong(`# ${address} has changed since ${applyText(apply)}`);
  return `${head}\n${lines.join('')}${unfinished === undefined ? '' : `  . ${unfinished}\n`}`;
}

function caveat({ address, apply }: Since): string[] {
  const text = caveatOf(apply);
  return text === undefined ? [] : [`${address}: ${text}`];
}

/** One document. */
const jsonView = ({ streams }: ViewOptions): DriftView => ({
  drift({ vms, drifted, since, notes }) {
    const told = drifted.map(({ address, diagnostics }) => ({ address, diagnostics: diagnostics.map(jsonDiagnostic) }));
    const document = { format_version: '1.1', vms, drifted: told, since_apply: since.map(jsonSince), notes };
    streams.out(`${jsonText(document, 2)}\n`);
  },
});

const jsonSince = ({ address, apply }: Since): object => ({ address, ...apply });
