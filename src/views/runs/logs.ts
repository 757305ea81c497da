import type { KeptLog } from '../../engine/runs/run-logs.js';
import { formatBytes } from '../../model/format.js';
import { jsonText, selectView } from '../printable.js';
import type { ViewOptions } from '../view-options.js';

/** What `runs logs` has to say. */
export interface RunsLogsView {
  /** What there is, before any of it is told. */
  logs(run: string, logs: readonly KeptLog[]): void;
  /** Some lines of one log; for programs nothing: they read the file. */
  lines(log: KeptLog, lines: readonly string[]): void;
}

export const runsLogsView = (options: ViewOptions): RunsLogsView => selectView(options, { human: humanView, json: jsonView });

function humanView({ streams }: ViewOptions): RunsLogsView {
  let telling: string | undefined;
  return {
    logs(run, logs) {
      if (logs.length === 0) streams.out(`No logs of run ${run}: no program was started, or they were old and are gone.\n`);
    },
    lines({ path, bytes }, lines) {
      if (telling !== path) streams.out(`${telling === undefined ? '' : '\n'}==> ${path} (${formatBytes(bytes)}) <==\n`);
      telling = path;
      streams.out(lines.map((line) => `${line}\n`).join(''));
    },
  };
}

const jsonView = ({ streams }: ViewOptions): RunsLogsView => ({
  logs: (run, logs) => streams.out(`${jsonText({ format_version: '1.0', run, logs }, 2)}\n`),
  lines: () => undefined,
});
