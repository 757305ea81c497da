import { commandLine } from '../command-line.js';
import { jsonText, selectView } from '../printable.js';
import type { ViewOptions } from '../view-options.js';

/** What `init` has to say. */
export interface InitView {
  initialized(started: Started): void;
}

interface Started {
  /** Paths in the folder. */
  readonly written: readonly string[];
  /** Lines that the `.gitignore` that was there has not. */
  readonly unignored: readonly string[];
  /** Options of the command that say what stands in the `migplan.yaml` that was there, which is left as it is. */
  readonly unused: readonly string[];
  /** As it was given. */
  readonly chdir?: string | undefined;
}

export const initView = (options: ViewOptions): InitView => selectView(options, { human: humanView, json: jsonView });

const humanView = ({ streams }: ViewOptions): InitView => ({
  initialized(started) {
    streams.out(`${writtenText(started)}${unusedText(started)}${ignoreText(started)}`);
  },
});

function writtenText({ written, chdir }: Started): string {
  if (written.length === 0) return 'Everything is there already; nothing was written.\n';
  const next = ['validate', 'doctor', 'plan'].map((command) => `    ${commandLine(['migplan', command], { chdir })}\n`);
  return `Written: ${written.join(', ')}\n\nEdit migplan.yaml, then:\n${next.join('')}`;
}

const ignoreText = ({ unignored }: Started): string =>
  unignored.length === 0
    ? ''
    : `\n.gitignore was there already. Add to it what is not for git:\n${unignored.map((line) => `    ${line}\n`).join('')}`;

const unusedText = ({ unused }: Started): string =>
  unused.length === 0 ? '' : `\nmigplan.yaml was there already, so not used: ${unused.join(', ')}. Write there what is meant.\n`;

const jsonView = ({ streams }: ViewOptions): InitView => ({
  initialized: ({ written, unignored, unused }) =>
    streams.out(`${jsonText({ format_version: '1.0', written, unignored, unused })}\n`),
});
