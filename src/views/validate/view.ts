import type { Diagnostic } from '../../diag/diagnostic.js';
import { hasErrors } from '../../diag/diagnostic.js';
import { plural } from '../../model/format.js';
import { diagnosticText } from '../diagnostic-text.js';
import { jsonDiagnostic } from '../json-lines.js';
import { jsonText, selectView } from '../printable.js';
import { style } from '../style.js';
import type { ViewOptions } from '../view-options.js';

interface Counts {
  readonly files: number;
  readonly migrations: number;
  /** Addresses, when only some were asked for. */
  readonly selected?: readonly string[];
  /** Those that were looked at besides the Project alone. */
  readonly environments?: readonly string[];
}

/** What `validate` has to say. */
export interface ValidateView {
  validated(diagnostics: readonly Diagnostic[], counts: Counts): void;
}

export const validateView = (options: ViewOptions): ValidateView => selectView(options, { human: humanView, json: jsonView });

const humanView = ({ streams, noColor }: ViewOptions): ValidateView => ({
  validated(diagnostics, { files, migrations, selected, environments = [] }) {
    const paint = style({ isTerminal: streams.errIsTerminal, off: noColor });
    for (const diagnostic of diagnostics) streams.err(`${diagnosticText(diagnostic, paint)}\n`);
    const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
    if (errors > 0) streams.err(`${plural(errors, 'error')} in ${plural(files, 'file')}.\n`);
    else
      streams.out(
        `Success! ${plural(migrations, 'migration')} in ${plural(files, 'file')} ${migrations === 1 ? 'is' : 'are'} valid${everywhere(environments)}.\n`,
      );
    if (selected !== undefined) streams.out(`Selected: ${selected.length === 0 ? 'none' : selected.join(' ')}\n`);
  },
});

const everywhere = (environments: readonly string[]): string =>
  environments.length === 0 ? '' : `, in ${plural(environments.length, 'environment')} too (${environments.join(', ')})`;

/** One document with the field names of `terraform validate -json`. */
const jsonView = ({ streams }: ViewOptions): ValidateView => ({
  validated(diagnostics, { selected }) {
    const count = (wanted: string) => diagnostics.filter(({ severity }) => severity === wanted).length;
    const document = {
      format_version: '1.0',
      valid: !hasErrors(diagnostics),
      error_count: count('error'),
      warning_count: count('warning'),
      diagnostics: diagnostics.map(jsonDiagnostic),
      ...(selected !== undefined && { selected }),
    };
    streams.out(`${jsonText(document, 2)}\n`);
  },
});
