import type { ViewOptions } from '../view-options.js';

/** What `init` has to say. */
export interface InitView {
  initialized(written: readonly string[]): void;
}

export const initView = ({ streams, format }: ViewOptions): InitView => ({
  initialized(written) {
    if (format === 'json') return streams.out(`${JSON.stringify({ format_version: '1.0', written })}\n`);
    if (written.length === 0) return streams.out('Everything is there already; nothing was written.\n');
    streams.out(
      `Written: ${written.join(', ')}\n\nEdit migplan.yaml, then:\n    migplan validate\n    migplan doctor\n    migplan plan\n`,
    );
  },
});
