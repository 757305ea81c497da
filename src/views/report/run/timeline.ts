import type { RunRecord, VmRun } from '../../../engine/runs/run-record.js';
import { formatBytes, plural } from '../../../model/format.js';
import { timeText, tookText, untilOf } from '../../runs/run-words.js';
import { vmEndText } from '../../runs/show.js';
import { type Chart, secondsOf } from '../charts.js';
import { figure, longTable } from '../figure.js';
import { rateText } from '../history.js';
import { type Html, html, name } from '../html.js';
import type { Section } from '../page.js';
import { disksOf } from './copies.js';

/** More lines than this cannot be told apart; the table has them all. */
const ROWS_DRAWN_MAX = 24;
const ID = 'run-chart';
const HEADINGS = ['VM', 'end', 'began', 'took', 'written', 'rate'];

/** What of the run was work on which VM, those that began first at the top. */
export function timelineSection(record: RunRecord, now: Date): Section[] {
  if (record.vms.length === 0) return [];
  const until = untilOf(record, now);
  const begun = record.vms.filter(({ startedAt }) => startedAt !== undefined);
  const ordered = [
    ...begun.sort((a, b) => (a.startedAt! < b.startedAt! ? -1 : 1)),
    ...record.vms.filter(({ startedAt }) => startedAt === undefined),
  ];
  const drawn = longest(begun, until);
  const more =
    begun.length > drawn.length ? ` The ${drawn.length} of ${plural(begun.length, 'VM')} that took longest are drawn.` : '';
  const rows = ordered.map((vm) => rowText(vm, record, until));
  const content = html`${figure(ID, `Time in UTC. The first line is the run.${more}`)}${longTable('VMs of the run', HEADINGS, rows, 'VM')}`;
  return [{ id: 'vms', title: 'VMs', content, charts: [chartOf(record, drawn, until)] }];
}

/** In the order they are given: those that ran on for hours are what somebody looks for, wherever in the run they were. */
function longest(begun: readonly VmRun[], until: string): VmRun[] {
  const seconds = ({ startedAt, endedAt = until }: VmRun): number => secondsOf(endedAt) - secondsOf(startedAt!);
  const most = new Set(begun.toSorted((a, b) => seconds(b) - seconds(a)).slice(0, ROWS_DRAWN_MAX));
  return begun.filter((vm) => most.has(vm));
}

function rowText(vm: VmRun, record: RunRecord, until: string): Html {
  const { address, startedAt, endedAt = until } = vm;
  const copies = disksOf(vm);
  const bytes = copies.reduce((sum, disk) => sum + (disk.bytes ?? 0), 0);
  const seconds = copies.reduce((sum, disk) => sum + (disk.bytes === undefined ? 0 : (disk.seconds ?? 0)), 0);
  const end = vmEndText(vm, record);
  const look = end === 'done' ? 'create' : end === 'not begun' || end === 'being worked on' ? 'quiet' : 'danger';
  const times = startedAt === undefined ? ['-', '-'] : [timeText(startedAt), tookText(startedAt, endedAt)];
  const cells = [...times, bytes === 0 ? '-' : formatBytes(bytes), bytes === 0 ? '-' : rateText(bytes, seconds)];
  return html`<tr><th scope="row">${name(address)}</th><td><b class="${look}">${end}</b></td>${cells.map(
    (cell) => html`<td class="short">${cell}</td>`,
  )}</tr>
`;
}

function chartOf({ startedAt }: RunRecord, drawn: readonly VmRun[], until: string): Chart {
  const [from, to] = [secondsOf(startedAt), Math.max(secondsOf(until), secondsOf(startedAt) + 1)];
  const rows = drawn.map((vm) => ({
    label: vm.address.replace(/^vm\//, ''),
    spans: [[secondsOf(vm.startedAt!), Math.min(to, secondsOf(vm.endedAt ?? until))] as const],
  }));
  return { kind: 'timeline', id: ID, rows: [{ label: 'this run', spans: [[from, to]] }, ...rows], from, to };
}
