import type { DiskStatus, RunningStatus, StatusReport, UnclaimedStatus } from '../../engine/status.js';
import { parseChangeId, shortChangeId } from '../../model/change-id.js';
import { jsonText, selectView } from '../printable.js';
import { tableLines } from '../table.js';
import type { ViewOptions } from '../view-options.js';

/** What `status` has to say. */
export interface StatusView {
  status(report: StatusReport): void;
}

export const statusView = (options: ViewOptions): StatusView => selectView(options, { human: humanView, json: jsonView });

const HEADINGS = ['disk', 'phase', 'source', 'volume is', 'changeID', 'last sync', 'volume'] as const;

function cellsOf({ address, phase, power, state, percentDone, changeId, lastSync, volume }: DiskStatus): string[] {
  const percent = percentDone === undefined ? '' : ` ${percentDone}%`;
  const id = changeId === undefined ? undefined : parseChangeId(changeId);
  return [
    address,
    phase,
    power,
    state === undefined ? '-' : `${state}${percent}`,
    id === undefined ? '-' : shortChangeId(id),
    lastSync === undefined ? '-' : `${lastSync.slice(0, 16).replace('T', ' ')} UTC`,
    volume ?? '-',
  ];
}

const humanView = ({ streams }: ViewOptions): StatusView => ({
  status({ disks, running, leftovers, unclaimed, unseen }) {
    const rows = [HEADINGS, ...disks.map(cellsOf)];
    for (const line of tableLines(rows)) streams.out(`${line}\n`);
    const section = (title: string, lines: readonly string[]): void => {
      if (lines.length > 0) streams.out(`\n${title}\n${lines.map((text) => `  ${text}\n`).join('')}`);
    };
    section('Being worked on now:', running.map(runningText));
    section('Left by earlier runs (the next apply puts them away):', leftovers);
    section('Volumes of VMs that no manifest sends there (migplan leaves them alone):', unclaimed.map(unclaimedText));
    section(
      'Clouds of the Project that no manifest names, and that could not be looked at:',
      unseen.map(({ provider, why }) => `${provider}: ${why}`),
    );
  },
});

const runningText = ({ address, operation, who, since }: RunningStatus): string =>
  `${address}: ${operation} by ${who} since ${since.slice(0, 16).replace('T', ' ')} UTC`;

const unclaimedText = ({ provider, volume, name, vm, disk, state = 'unreadable' }: UnclaimedStatus): string =>
  `${name} (${volume}, ${provider}): ${state}, disk ${disk} of the VM with instanceUuid ${vm}`;

const jsonView = ({ streams }: ViewOptions): StatusView => ({
  status(report) {
    streams.out(`${jsonText({ format_version: '1.0', ...report }, 2)}\n`);
  },
});
