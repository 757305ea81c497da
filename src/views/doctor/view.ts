import { type Diagnostic, hasErrors } from '../../diag/diagnostic.js';
import { diagnosticText } from '../diagnostic-text.js';
import { jsonDiagnostic } from '../json-lines.js';
import { style } from '../style.js';
import type { ViewOptions } from '../view-options.js';

export interface Check {
  readonly name: string;
  /** Version, endpoint or whatever was found; empty when it failed. */
  readonly found: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** What `doctor` has to say. */
export interface DoctorView {
  checked(checks: readonly Check[]): void;
}

export function doctorView(options: ViewOptions): DoctorView {
  switch (options.format) {
    case 'human':
      return humanView(options);
    case 'json':
      return jsonView(options);
  }
}

const humanView = ({ streams, noColor }: ViewOptions): DoctorView => ({
  checked(checks) {
    const paint = style({ isTerminal: streams.outIsTerminal, off: noColor });
    const width = Math.max(...checks.map(({ name }) => name.length));
    for (const { name, found, diagnostics } of checks) {
      const mark =
        diagnostics.length === 0 ? paint.create('ok  ') : hasErrors(diagnostics) ? paint.danger('FAIL') : paint.update('warn');
      streams.out(`${mark}  ${name.padEnd(width)}  ${found}\n`);
    }
    const found = checks.flatMap(({ diagnostics }) => diagnostics);
    if (found.length > 0) streams.out('\n');
    for (const diagnostic of found) streams.out(`${diagnosticText(diagnostic, paint)}\n`);
  },
});

const jsonView = ({ streams }: ViewOptions): DoctorView => ({
  checked(checks) {
    const told = checks.map(({ name, found, diagnostics }) => ({
      name,
      found,
      ok: !hasErrors(diagnostics),
      diagnostics: diagnostics.map(jsonDiagnostic),
    }));
    streams.out(`${JSON.stringify({ format_version: '1.0', checks: told }, null, 2)}\n`);
  },
});
