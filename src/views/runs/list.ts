import { isElsewhere, type ListedRun } from '../../engine/runs/listed-together.js';
import { formatBytes, plural } from '../../model/format.js';
import { jsonText, selectView } from '../printable.js';
import { tableLines } from '../table.js';
import type { ViewOptions } from '../view-options.js';
import { endText, timeText, tookText, untilOf } from './run-words.js';

/** What `runs list` has to say. */
export interface RunsListView {
  /** Newest first; `more`: older ones that are left out. */
  runs(runs: readonly ListedRun[], more: number): void;
}

export const runsListView = (options: ViewOptions): RunsListView => selectView(options, { human: humanView, json: jsonView });

const HEADINGS = ['run', 'started', 'took', 'ended', 'VMs', 'copied', 'who'] as const;

const humanView = ({ streams, now }: ViewOptions): RunsListView => ({
  runs(runs, more) {
    if (runs.length === 0) return streams.out('No runs: nothing was applied from here yet.\n');
    const rows = [HEADINGS, ...runs.map((run) => cellsOf(run, now()))];
    const places = ['journal', ...runs.map(placeOf)];
    const isAllHere = !runs.some(isElsewhere);
    for (const line of tableLines(isAllHere ? rows : rows.map((row, at) => [...row, places[at]!]))) streams.out(`${line}\n`);
    if (more > 0) streams.out(`\nand ${plural(more, 'older run')}: --limit 0 shows all\n`);
  },
});

function cellsOf(run: ListedRun, now: Date): string[] {
  const { startedAt, bytes, vms, process } = run;
  const until = untilOf(run, now);
  return [
    run.run,
    timeText(startedAt),
    until === undefined ? '-' : tookText(startedAt, until),
    endText(run),
    String(vms.length + (isElsewhere(run) ? run.more_vms : 0)),
    bytes === undefined ? '-' : formatBytes(bytes),
    process?.who ?? '-',
  ];
}

const placeOf = (run: ListedRun): string => (isElsewhere(run) ? `on ${run.process.host}` : 'here');

/** One document; what the VMs did is in `runs show --json`. */
const jsonView = ({ streams }: ViewOptions): RunsListView => ({
  runs(runs, more) {
    streams.out(`${jsonText({ format_version: '1.0', runs: runs.map(rowOf), more }, 2)}\n`);
  },
});

function rowOf(run: ListedRun) {
  const host = run.process === undefined ? {} : { host: run.process.host };
  if (isElsewhere(run)) return { ...run, ...host, journal: 'elsewhere' };
  const { vms, ...rest } = run;
  return { ...rest, vms: vms.map(({ address, result }) => ({ address, result })), ...host, journal: 'here' };
}
