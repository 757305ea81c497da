import type { ViewOptions } from '../view-options.js';

/** One disk, as its volume and its source tell it. */
export interface DiskStatus {
  readonly address: string;
  readonly phase: string;
  readonly volume: string;
  /** clean, dirty (seeding), converted, none, foreign ... */
  readonly state: string;
  readonly changeId: string;
  readonly lastSync: string;
  readonly power: string;
}

export interface StatusReport {
  readonly disks: readonly DiskStatus[];
  /** Snapshots, attachments, overlays of earlier runs that are still there. */
  readonly leftovers: readonly string[];
}

/** What `status` has to say. */
export interface StatusView {
  status(report: StatusReport): void;
}

export function statusView(options: ViewOptions): StatusView {
  switch (options.format) {
    case 'human':
      return humanView(options);
    case 'json':
      return jsonView(options);
  }
}

const COLUMNS = ['address', 'phase', 'power', 'state', 'changeId', 'lastSync', 'volume'] as const;
const HEADINGS: Readonly<Record<(typeof COLUMNS)[number], string>> = {
  address: 'disk',
  phase: 'phase',
  power: 'source',
  state: 'volume is',
  changeId: 'changeID',
  lastSync: 'last sync',
  volume: 'volume',
};

const humanView = ({ streams }: ViewOptions): StatusView => ({
  status({ disks, leftovers }) {
    const widths = COLUMNS.map((column) => Math.max(HEADINGS[column].length, ...disks.map((disk) => disk[column].length)));
    const line = (cells: readonly string[]) =>
      `${cells
        .map((cell, index) => cell.padEnd(widths[index]!))
        .join('  ')
        .trimEnd()}\n`;
    streams.out(line(COLUMNS.map((column) => HEADINGS[column])));
    for (const disk of disks) streams.out(line(COLUMNS.map((column) => disk[column])));
    if (leftovers.length > 0)
      streams.out(`\nLeft by earlier runs (the next apply puts them away):\n${leftovers.map((text) => `  ${text}\n`).join('')}`);
  },
});

const jsonView = ({ streams }: ViewOptions): StatusView => ({
  status(report) {
    streams.out(`${JSON.stringify({ format_version: '1.0', ...report }, null, 2)}\n`);
  },
});
