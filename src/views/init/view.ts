import { jsonText, selectView } from '../printable.js';
import type { ViewOptions } from '../view-options.js';

/** What `init` has to say. */
export interface InitView {
  initialized(written: readonly string[]): void;
}

export const initView = (options: ViewOptions): InitView => selectView(options, { human: humanView, json: jsonView });

const humanView = ({ streams }: ViewOptions): InitView => ({
  initialized(written) {
    if (written.length === 0) return streams.out('Everything is there already; nothing was written.\n');
    streams.out(
      `Written: ${written.join(', ')}\n\nEdit migplan.yaml, then:\n    migplan validate\n    migplan doctor\n    migplan plan\n`,
    );
  },
});

const jsonView = ({ streams }: ViewOptions): InitView => ({
  initialized: (written) => streams.out(`${jsonText({ format_version: '1.0', written })}\n`),
});
