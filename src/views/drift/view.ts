import type { DriftReport } from '../../engine/find-drift.js';
import { plural } from '../../model/format.js';
import { diagnosticText } from '../diagnostic-text.js';
import { jsonDiagnostic } from '../json-lines.js';
import { jsonText, selectView } from '../printable.js';
import { style } from '../style.js';
import type { ViewOptions } from '../view-options.js';

/** What `drift` has to say. */
export interface DriftView {
  drift(report: DriftReport): void;
}

export const driftView = (options: ViewOptions): DriftView => selectView(options, { human: humanView, json: jsonView });

const humanView = ({ streams, noColor }: ViewOptions): DriftView => ({
  drift({ vms, drifted, notes }) {
    const paint = style({ isTerminal: streams.outIsTerminal, off: noColor });
    const count = drifted.length;
    const headline =
      count === 0
        ? `No drift. ${plural(vms, 'VM')} ${vms === 1 ? 'is' : 'are'} as declared.`
        : `${count} of ${plural(vms, 'VM')} ${count === 1 ? 'is' : 'are'} not as declared.`;
    streams.out(`${paint.strong(headline)}\n`);
    for (const { address, diagnostics } of drifted) {
      streams.out(`\n${paint.strong(`# ${address} has changed`)}\n`);
      for (const diagnostic of diagnostics) streams.out(diagnosticText(diagnostic, paint));
    }
    if (notes.length > 0) streams.out(`\n${notes.map((note) => `  . ${note}\n`).join('')}`);
  },
});

/** One document. */
const jsonView = ({ streams }: ViewOptions): DriftView => ({
  drift({ vms, drifted, notes }) {
    const told = drifted.map(({ address, diagnostics }) => ({ address, diagnostics: diagnostics.map(jsonDiagnostic) }));
    streams.out(`${jsonText({ format_version: '1.0', vms, drifted: told, notes }, 2)}\n`);
  },
});
