import type { RunRecord } from '../../engine/runs/run-record.js';
import { formatBytes, plural } from '../../model/format.js';
import { jsonText, selectView } from '../printable.js';
import { tableLines } from '../table.js';
import type { ViewOptions } from '../view-options.js';
import { endText, timeText, tookText, untilOf } from './run-words.js';

/** What `runs list` has to say. */
export interface RunsListView {
  /** Newest first; `more`: older ones that are left out. */
  runs(runs: readonly RunRecord[], more: number): void;
}

export const runsListView = (options: ViewOptions): RunsListView => selectView(options, { human: humanView, json: jsonView });

const HEADINGS = ['run', 'started', 'took', 'ended', 'VMs', 'copied', 'who'] as const;

const humanView = ({ streams, now }: ViewOptions): RunsListView => ({
  runs(runs, more) {
    if (runs.length === 0) return streams.out('No runs: nothing was applied from here yet.\n');
    for (const line of tableLines([HEADINGS, ...runs.map((run) => cellsOf(run, now()))])) streams.out(`${line}\n`);
    if (more > 0) streams.out(`\nand ${plural(more, 'older run')}: --limit 0 shows all\n`);
  },
});

function cellsOf(run: RunRecord, now: Date): string[] {
  return [
    run.run,
    timeText(run.startedAt),
    tookText(run.startedAt, untilOf(run, now)),
    endText(run),
    String(run.vms.length),
    formatBytes(run.bytes),
    run.process?.who ?? '-',
  ];
}

/** One document; what the VMs did is in `runs show --json`. */
const jsonView = ({ streams }: ViewOptions): RunsListView => ({
  runs(runs, more) {
    const rows = runs.map(({ vms, ...run }) => ({ ...run, vms: vms.map(({ address, result }) => ({ address, result })) }));
    streams.out(`${jsonText({ format_version: '1.0', runs: rows, more }, 2)}\n`);
  },
});
