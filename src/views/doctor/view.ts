import { type Diagnostic, hasErrors } from '../../diag/diagnostic.js';
import { printable } from '../../diag/printable.js';
import type { Check } from '../../engine/doctor/check.js';
import { diagnosticText } from '../diagnostic-text.js';
import { jsonDiagnostic } from '../json-lines.js';
import { jsonText, selectView } from '../printable.js';
import { style } from '../style.js';
import { padded, textWidth } from '../text-width.js';
import type { ViewOptions } from '../view-options.js';

/** A role to import into a vCenter. */
export interface PrintedRole {
  readonly name: string;
  readonly privileges: readonly string[];
  readonly govc: readonly string[];
  readonly powercli: readonly string[];
}

/** What `doctor` has to say. */
export interface DoctorView {
  checked(checks: readonly Check[]): void;
  /** Commands to copy. */
  role(role: PrintedRole): void;
  /** What is being done while it takes time. */
  note(text: string): void;
}

export const doctorView = (options: ViewOptions): DoctorView => selectView(options, { human: humanView, json: jsonView });

const humanView = ({ streams, noColor }: ViewOptions): DoctorView => ({
  checked(checks) {
    const paint = style({ isTerminal: streams.outIsTerminal, off: noColor });
    const width = Math.max(0, ...checks.map(({ name }) => textWidth(name)));
    for (const { name, found, diagnostics, isFailed = hasErrors(diagnostics) } of checks) {
      const mark = isFailed ? paint.danger('FAIL') : diagnostics.length === 0 ? paint.create('ok  ') : paint.update('warn');
      streams.out(`${mark}  ${padded(name, width)}  ${found === '' ? codesOf(diagnostics) : found}\n`);
    }
    const found = checks.flatMap(({ diagnostics }) => diagnostics);
    if (found.length > 0) streams.out('\n');
    for (const diagnostic of found) streams.out(`${diagnosticText(diagnostic, paint)}\n`);
  },
  role({ govc, powercli }) {
    streams.out('# What is in capitals is yours to fill in. With govc:\n');
    for (const line of govc) streams.out(`${line}\n`);
    streams.out('\n# The same with PowerCLI:\n');
    for (const line of powercli) streams.out(`${line}\n`);
  },
  note(text) {
    streams.err(`${text}\n`);
  },
});

/** What failed is told below the rows. */
const codesOf = (diagnostics: readonly Diagnostic[]): string => [...new Set(diagnostics.map(({ code }) => code))].join(', ');

const jsonView = ({ streams }: ViewOptions): DoctorView => ({
  checked(checks) {
    const told = checks.map(({ name, found, diagnostics, isFailed = hasErrors(diagnostics) }) => ({
      name,
      found,
      ok: !isFailed,
      diagnostics: diagnostics.map(jsonDiagnostic),
    }));
    streams.out(`${jsonText({ format_version: '1.0', checks: told }, 2)}\n`);
  },
  role(role) {
    streams.out(`${jsonText({ format_version: '1.0', role }, 2)}\n`);
  },
  note(text) {
    streams.err(`${printable(text)}\n`);
  },
});
