import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff';
import { printable } from '../../diag/printable.js';
import type { FormatReport, Reformatted } from '../../engine/format-files.js';
import { diagnosticText } from '../diagnostic-text.js';
import { jsonDiagnostic } from '../json-lines.js';
import { jsonText } from '../printable.js';
import { style } from '../style.js';
import type { ViewOptions } from '../view-options.js';

/** What `fmt` has to say. */
export interface FmtView {
  /** Which files were changed, or would be. */
  formatted(report: FormatReport, how: { readonly withDiff: boolean }): void;
  /** The one text that came in, as it goes out; nothing when there is an error in it. */
  text(report: FormatReport & { readonly text?: string }): void;
}

export function fmtView(options: ViewOptions): FmtView {
  return options.format === 'json' ? jsonView(options) : humanView(options);
}

const humanView = ({ streams, noColor }: ViewOptions): FmtView => {
  const tell = ({ diagnostics }: FormatReport): void => {
    const paint = style({ isTerminal: streams.errIsTerminal, off: noColor });
    for (const diagnostic of diagnostics) streams.err(`${diagnosticText(diagnostic, paint)}\n`);
  };
  return {
    formatted(report, { withDiff }) {
      for (const one of report.reformatted) streams.out(withDiff ? `${diffLines(one).join('\n')}\n` : `${printable(one.path)}\n`);
      tell(report);
    },
    text(report) {
      streams.out(report.text ?? '');
      tell(report);
    },
  };
};

/** One document. */
const jsonView = ({ streams }: ViewOptions): FmtView => {
  const write = ({ reformatted, diagnostics }: FormatReport, withDiff: boolean, more: object = {}): void => {
    const files = reformatted.map((one) => ({ path: one.path, ...(withDiff && { diff: `${diffLines(one).join('\n')}\n` }) }));
    const document = { format_version: '1.0', reformatted: files, ...more, diagnostics: diagnostics.map(jsonDiagnostic) };
    streams.out(`${jsonText(document, 2)}\n`);
  };
  return {
    formatted: (report, { withDiff }) => write(report, withDiff),
    text: (report) => write(report, false, report.text === undefined ? {} : { text: report.text }),
  };
};

/** As `diff -u` writes it. Each line is foreign words. */
const diffLines = ({ path, before, after }: Reformatted): string[] =>
  formatPatch(structuredPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, { context: 3 }), FILE_HEADERS_ONLY)
    .trimEnd()
    .split('\n')
    .map(printable);
