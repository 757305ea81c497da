import type { Bundle } from '../../engine/bundle/make-bundle.js';
import { formatBytes } from '../../model/format.js';
import { jsonText, selectView } from '../printable.js';
import type { ViewOptions } from '../view-options.js';

/** What `bundle` has to say. */
export interface BundleView {
  made(bundle: Bundle): void;
}

export const bundleView = (options: ViewOptions): BundleView => selectView(options, { human: humanView, json: jsonView });

const humanView = ({ streams }: ViewOptions): BundleView => ({
  made({ path, files, notes }) {
    streams.out(files.map((file) => `  ${formatBytes(file.bytes).padStart(10)}  ${file.path}\n`).join(''));
    for (const note of notes) streams.out(`Not in it: ${note}.\n`);
    streams.out(
      `\nWrote ${path}\nPasswords, tokens and keys were struck out. Names and addresses are in it: look through it before you send it.\n`,
    );
  },
});

/** Field names are public interface. */
const jsonView = ({ streams }: ViewOptions): BundleView => ({
  made: (bundle) => streams.out(`${jsonText({ format_version: '1.0', ...bundle }, 2)}\n`),
});
