import { printable } from '../../diag/printable.js';
import { jsonText, selectView } from '../printable.js';
import type { ViewOptions } from '../view-options.js';

/** What `export` and `import` made. */
export interface FilesReport {
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** Paths of the files; absent where nothing was written to a folder, and the texts go to stdout. */
  readonly written?: readonly string[];
  /** What could not be said in the files: `erp-db: floating IP 192.0.2.1`. */
  readonly notKept: readonly string[];
  /** Names of what was not turned into a file at all. */
  readonly skipped?: readonly string[];
}

export interface FilesView {
  made(report: FilesReport): void;
  /** What is being done while it takes time; to stderr, because stdout may be the files. */
  note(text: string): void;
}

/** Whole text, lines and all: that of manifests, whose writer leaves nothing in it that a terminal would obey. */
class Whole {
  constructor(readonly text: string) {}
}

interface Made extends Omit<FilesReport, 'files'> {
  readonly files: readonly { readonly path: string; readonly whole: Whole }[];
}

/** `lost`: what a person reads before each thing that is not in the files. */
export function filesView(options: ViewOptions, lost: string): FilesView {
  const { made, note } = selectView(options, { human: (human) => humanView(human, lost), json: jsonView });
  return {
    note,
    made: (report) => made({ ...report, files: report.files.map(({ path, text }) => ({ path, whole: new Whole(text) })) }),
  };
}

const humanView = ({ streams }: ViewOptions, lost: string) => ({
  made({ files, written, notKept, skipped = [] }: Made): void {
    if (written === undefined) streams.out(files.map(({ whole }) => whole.text).join('---\n'));
    else for (const path of written) streams.out(`Wrote ${path}\n`);
    for (const what of notKept) streams.err(`${lost}: ${what}\n`);
    if (skipped.length > 0) streams.err(`Left out: ${skipped.join(', ')}\n`);
  },
  note: (text: string): void => streams.err(`${text}\n`),
});

/** Field names are public interface. */
const jsonView = ({ streams }: ViewOptions) => ({
  made({ files, written, notKept, skipped = [] }: Made): void {
    const told = written?.map((path) => ({ path })) ?? files.map(({ path, whole: { text } }) => ({ path, text }));
    streams.out(`${jsonText({ format_version: '1.0', files: told, left_out: [...notKept, ...skipped] }, 2)}\n`);
  },
  note: (text: string): void => streams.err(`${printable(text)}\n`),
});
