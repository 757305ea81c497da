import type { DiskStatus, StatusReport, UnclaimedStatus } from '../../engine/status.js';
import { type ChangeId, formatChangeId, shortChangeId } from '../../model/change-id.js';
import { jsonText, selectView } from '../printable.js';
import { timeText } from '../runs/run-words.js';
import { tableLines } from '../table.js';
import type { ViewOptions } from '../view-options.js';
import { Changes, Frame } from './frame.js';
import { runningLines } from './running-text.js';

/** What `status` has to say. */
export interface StatusView {
  status(report: StatusReport): void;
}

/** What `status --watch` has to say: each look in the place of the one before, or without a terminal what has changed. */
export interface StatusWatchView extends StatusView {
  trouble(said: string): void;
}

export const statusWatchView = (options: ViewOptions): StatusWatchView =>
  selectView(options, { human: humanWatchView, json: jsonWatchView });

export const statusView = (options: ViewOptions): StatusView => selectView(options, { human: humanView, json: jsonView });

const HEADINGS = ['disk', 'phase', 'source', 'volume is', 'changeID', 'last sync', 'volume'] as const;

function cellsOf({ address, phase, power, state, percentDone, changeId, lastSync, volume }: DiskStatus): string[] {
  const percent = percentDone === undefined ? '' : ` ${percentDone}%`;
  return [
    address,
    phase,
    power,
    state === undefined ? '-' : `${state}${percent}`,
    changeId === undefined ? '-' : shortChangeId(changeId),
    lastSync === undefined ? '-' : `${lastSync.slice(0, 16).replace('T', ' ')} UTC`,
    volume ?? '-',
  ];
}

const humanView = ({ streams }: ViewOptions): StatusView => ({
  status(report) {
    for (const line of linesOf(report)) streams.out(`${line}\n`);
  },
});

function linesOf({ disks, running, leftovers, unclaimed, unseen }: StatusReport): string[] {
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', title, ...lines.map((text) => `  ${text}`)];
  return [
    ...tableLines([HEADINGS, ...disks.map(cellsOf)]),
    ...section('Being worked on now:', running.flatMap(runningLines)),
    ...section('Left by earlier runs (the next apply puts them away):', leftovers),
    ...section('Volumes of VMs that no manifest sends there (migplan leaves them alone):', unclaimed.map(unclaimedText)),
    ...section(
      'Clouds of the Project that no manifest names, and that could not be looked at:',
      unseen.map(({ provider, why }) => `${provider}: ${why}`),
    ),
  ];
}

function humanWatchView({ streams, now }: ViewOptions): StatusWatchView {
  const frame = streams.outIsTerminal ? new Frame(streams) : new Changes(streams, now);
  return {
    status: (report) => frame.show([`${timeText(now().toISOString())}, Ctrl-C ends`, '', ...linesOf(report)]),
    trouble: (said) => streams.err(`Not to be told now, and looked at again: ${said}\n`),
  };
}

const unclaimedText = ({ provider, volume, name, vm, disk, state = 'unreadable' }: UnclaimedStatus): string =>
  `${name} (${volume}, ${provider}): ${state}, disk ${disk} of the VM with instanceUuid ${vm}`;

/** A report as programs read it: change ids are spelled as vSphere spells them. */
const toldOf = (report: StatusReport): object => ({
  ...report,
  disks: report.disks.map(spelled),
  unclaimed: report.unclaimed.map(spelled),
});

const spelled = (told: { readonly changeId?: ChangeId }): object =>
  told.changeId === undefined ? told : { ...told, changeId: formatChangeId(told.changeId) };

/** One document a line. */
const jsonWatchView = ({ streams, now }: ViewOptions): StatusWatchView => {
  const line = (told: object): void => streams.out(`${jsonText({ format_version: '1.0', at: now().toISOString(), ...told })}\n`);
  return { status: (report) => line(toldOf(report)), trouble: (trouble) => line({ trouble }) };
};

const jsonView = ({ streams }: ViewOptions): StatusView => ({
  status(report) {
    streams.out(`${jsonText({ format_version: '1.0', ...toldOf(report) }, 2)}\n`);
  },
});
