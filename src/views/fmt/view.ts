import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff';
import type { Diagnostic } from '../../diag/diagnostic.js';
import type { FormatReport, Reformatted } from '../../engine/format-files.js';
import { diagnosticText } from '../diagnostic-text.js';
import { jsonDiagnostic } from '../json-lines.js';
import { jsonText, selectView } from '../printable.js';
import { style } from '../style.js';
import type { ViewOptions } from '../view-options.js';

/** What `fmt` has to say. */
export interface FmtView {
  /** Which files were changed, or would be. */
  formatted(report: FormatReport, how: { readonly withDiff: boolean }): void;
  /** The one text that came in, as it goes out; nothing when there is an error in it. */
  text(report: FormatReport & { readonly text?: string }): void;
}

/** Whole text, lines and all, in which no controls are: a view must not make one line of it. */
class Whole {
  constructor(readonly text: string) {}
}

interface Told {
  readonly files: readonly { readonly path: string; readonly diff?: readonly string[] }[];
  readonly whole?: Whole;
  readonly diagnostics: readonly Diagnostic[];
}

export function fmtView(options: ViewOptions): FmtView {
  const { tell } = selectView(options, { human: humanView, json: jsonView });
  const filesOf = ({ reformatted }: FormatReport, withDiff: boolean): Told['files'] =>
    reformatted.map((one) => ({ path: one.path, ...(withDiff && { diff: diffLines(one) }) }));
  return {
    formatted: (report, { withDiff }) => tell({ files: filesOf(report, withDiff), diagnostics: report.diagnostics }),
    text: (report) =>
      tell({ files: filesOf(report, false), whole: new Whole(report.text ?? ''), diagnostics: report.diagnostics }),
  };
}

const humanView = ({ streams, noColor }: ViewOptions) => ({
  tell({ files, whole, diagnostics }: Told): void {
    if (whole !== undefined) streams.out(whole.text);
    else for (const { path, diff = [path] } of files) streams.out(`${diff.join('\n')}\n`);
    const paint = style({ isTerminal: streams.errIsTerminal, off: noColor });
    for (const diagnostic of diagnostics) streams.err(`${diagnosticText(diagnostic, paint)}\n`);
  },
});

/** One document. */
const jsonView = ({ streams }: ViewOptions) => ({
  tell({ files, whole, diagnostics }: Told): void {
    const reformatted = files.map(({ path, diff }) => ({ path, ...(diff !== undefined && { diff: `${diff.join('\n')}\n` }) }));
    const text = whole === undefined ? {} : { text: whole.text };
    const document = { format_version: '1.0', reformatted, ...text, diagnostics: diagnostics.map(jsonDiagnostic) };
    streams.out(`${jsonText(document, 2)}\n`);
  },
});

/** As `diff -u` writes it. Each line is foreign words. */
const diffLines = ({ path, before, after }: Reformatted): string[] =>
  formatPatch(structuredPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, { context: 3 }), FILE_HEADERS_ONLY)
    .trimEnd()
    .split('\n');
