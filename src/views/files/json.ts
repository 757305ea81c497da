import { jsonText } from '../printable.js';
import type { Streams } from '../streams.js';

/** What `export` and `import` made, for programs. Field names are public interface. */
export interface FilesReport {
  /** `text` where nothing was written to a folder. */
  readonly files: readonly { readonly path: string; readonly text?: string }[];
  /** Names of what was not turned into a file. */
  readonly leftOut: readonly string[];
}

export const filesJson = (streams: Pick<Streams, 'out'>, { files, leftOut }: FilesReport): void =>
  streams.out(`${jsonText({ format_version: '1.0', files, left_out: leftOut }, 2)}\n`);
