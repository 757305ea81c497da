import type { DiskRun, RunRecord, StepRun, VmRun } from '../../engine/runs/run-record.js';
import { formatBytes, formatSeconds, plural } from '../../model/format.js';
import { diagnosticText } from '../diagnostic-text.js';
import { jsonText, selectView } from '../printable.js';
import { type Style, style } from '../style.js';
import type { ViewOptions } from '../view-options.js';
import { endText, timeText, tookText, untilOf } from './run-words.js';

export interface ShownRun {
  readonly record: RunRecord;
  readonly journal: string;
}

/** What `runs show` has to say. */
export interface RunsShowView {
  run(shown: ShownRun): void;
}

export const runsShowView = (options: ViewOptions): RunsShowView => selectView(options, { human: humanView, json: jsonView });

const humanView = ({ streams, noColor, now }: ViewOptions): RunsShowView => ({
  run({ record, journal }) {
    const paint = style({ isTerminal: streams.outIsTerminal, off: noColor });
    const { diagnostics, causes } = record;
    streams.out(`${headLines(record, journal, now()).join('\n')}\n`);
    streams.out(troubleText({ diagnostics, causes, logs: [] }, paint));
    for (const vm of record.vms) streams.out(`\n${vmText(vm, record, paint)}`);
    if (record.vms.length === 0) streams.out('\nNo VM was to be worked on.\n');
  },
});

function headLines(record: RunRecord, journal: string, now: Date): string[] {
  const lines = headRows(record, journal, now).map(([name, text]) => `  ${name.padEnd(10)} ${text}`);
  return [headingText(record), ...lines];
}

export const headingText = (record: RunRecord): string =>
  `Run ${record.run}: ${endText(record)}${record.exit === undefined ? '' : ` (exit code ${record.exit})`}`;

/** What ran, where and when: a word and what is behind it. */
export function headRows(record: RunRecord, journal: string, now: Date): (readonly [string, string])[] {
  const { startedAt, endedAt, process, command, folder, plan, bytes, status } = record;
  const by = process === undefined ? '' : ` by ${process.who} (pid ${process.pid} on ${process.host})`;
  const took = tookText(startedAt, untilOf(record, now));
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['started', `${timeText(startedAt)}${by}`],
    [status === 'ended' ? 'ended' : 'last seen', `${timeText(endedAt ?? record.lastAt)}, after ${took}`],
    ['command', command?.join(' ')],
    ['in', folder],
    ['plan', plan && `${plan.id}, made ${timeText(plan.createdAt)}, ${plan.digest}`],
    ['version', record.migplan && `migplan ${record.migplan}, Node ${record.node ?? '?'}`],
    ['copied', formatBytes(bytes)],
    ['journal', journal],
    ['damaged', record.unreadableLines === 0 ? undefined : `${plural(record.unreadableLines, 'line')} of the journal`],
  ];
  return rows.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]));
}

/** How it went with one VM, or that it still goes. */
export const vmEndText = ({ result, startedAt }: VmRun, run: RunRecord): string =>
  result ?? (startedAt === undefined ? 'not begun' : run.status === 'running' ? 'being worked on' : 'cut off');

function vmText(vm: VmRun, run: RunRecord, paint: Style): string {
  const { address, steps, notes } = vm;
  const lines = [
    `${paint.strong(address)}: ${vmEndText(vm, run)}`,
    ...steps.flatMap((step) => stepLines(step, run)),
    ...notes.map(({ at, text }) => `  ${at.slice(11, 19)} ${text}`),
  ];
  return `${lines.join('\n')}\n${troubleText(vm, paint)}`;
}

export function stepLines({ kind, startedAt, endedAt, seconds, disks, stages }: StepRun, run: RunRecord): string[] {
  const took = endedAt === undefined ? undefined : seconds === undefined ? tookText(startedAt, endedAt) : formatSeconds(seconds);
  const end = took ?? (run.status === 'running' && run.endedAt === undefined ? 'is being done' : 'did not end');
  const stage = endedAt === undefined ? stages.at(-1) : undefined;
  return [
    `  ${startedAt.slice(11, 19)} ${kind}: ${end}${stage === undefined ? '' : ` (${stage.stage}, ${stage.percent}%)`}`,
    ...disks.map((disk) => `    disk ${disk.disk}: ${diskText(disk)}`),
  ];
}

export function diskText({ mode, delta, capacity, endedAt, bytes = 0, seconds = 0, bytesPerSecond, ...rest }: DiskRun): string {
  const what =
    delta === undefined
      ? `${mode} of ${formatBytes(capacity)}`
      : `${mode} of ${formatBytes(delta.bytes)} in ${plural(delta.extents, 'extent')}`;
  if (endedAt === undefined) return `${what}${reachedText(rest)}`;
  const rate = bytesPerSecond === undefined ? '' : `, ${formatBytes(bytesPerSecond)}/s`;
  const { verified } = rest;
  return `${what}: ${formatBytes(bytes)} written in ${formatSeconds(seconds)}${rate}${verified === undefined ? '' : `, verified: ${verified.mode}`}`;
}

/** How far a copy is, or was when it was cut off. */
function reachedText({ progress, checkpoint }: Pick<DiskRun, 'progress' | 'checkpoint'>): string {
  const last = progress.at(-1);
  const safe = checkpoint === undefined ? '' : `, safe up to ${formatBytes(checkpoint)}`;
  if (last === undefined) return `: begun${safe}`;
  const percent = last.bytesTotal === 0 ? 100 : Math.floor((last.bytesDone / last.bytesTotal) * 100);
  return `: ${formatBytes(last.bytesDone)} of ${formatBytes(last.bytesTotal)} (${percent}%) at ${last.at.slice(11, 19)}${safe}`;
}

function troubleText(trouble: Pick<VmRun, 'diagnostics' | 'causes' | 'logs'>, paint: Style): string {
  const told = trouble.diagnostics.map((one) => `\n${diagnosticText(one, paint)}`);
  return [...told, ...causeLines(trouble).map((line) => `  ${line}\n`)].join('');
}

/** What is behind an error: why, the stack of a bug, and where to read what programs said. */
export function causeLines({ causes, logs }: Pick<VmRun, 'causes' | 'logs'>): string[] {
  const [, ...deeper] = causes;
  const because = deeper.map(
    ({ name, code, message }) => `because of ${name}${code === undefined ? '' : ` ${code}`}: ${message}`,
  );
  const stacks = causes.flatMap(({ stack = [] }) => stack.map((line) => `| ${line}`));
  return [...because, ...stacks, ...logs.map((log) => `what the program said: ${log}`)];
}

const jsonView = ({ streams }: ViewOptions): RunsShowView => ({
  run: ({ record, journal }) => streams.out(`${jsonText({ format_version: '1.0', journal, ...record }, 2)}\n`),
});
