import { describe, expect, test } from 'vitest';
import type { RunRecord } from '../../src/engine/runs/run-record.js';
import type { RunElsewhere } from '../../src/engine/runs/runs-elsewhere.js';
import { runsListView } from '../../src/views/runs/list.js';
import { runsLogsView } from '../../src/views/runs/logs.js';
import { runsShowView } from '../../src/views/runs/show.js';
import type { ViewOptions } from '../../src/views/view-options.js';
import { RecordingStreams, TestTime, viewOptions } from './streams.js';

const GIB = 2 ** 30;
const at = (minute: number, second = 0): string => new Date(Date.UTC(2026, 5, 1, 12, minute, second)).toISOString();

const process = { who: 'ops@conv1', host: 'conv1', pid: 4648, startedTicks: '1', pidNamespace: '2' };
const base: RunRecord = {
  run: '79o62r26nsg2',
  status: 'ended',
  startedAt: at(0),
  endedAt: at(21),
  lastAt: at(21),
  exit: 6,
  process,
  command: ['migplan', 'apply', 'plan.json'],
  migplan: '0.1.0',
  node: 'v20.20.0',
  folder: '/srv/move',
  plan: { id: 'd0b6a7e2', digest: 'sha256:abc', createdAt: at(-60) },
  bytes: 3 * GIB,
  diagnostics: [],
  causes: [],
  unreadableLines: 0,
  vms: [
    {
      address: 'vm/erp-db01',
      result: 'done',
      startedAt: at(0, 5),
      endedAt: at(9),
      steps: [
        {
          kind: 'sync',
          startedAt: at(0, 6),
          endedAt: at(9),
          seconds: 534,
          stages: [],
          disks: [
            {
              disk: 2000,
              mode: 'delta',
              cycle: 4,
              capacity: 40 * GIB,
              delta: { bytes: 3 * GIB, extents: 1812 },
              startedAt: at(0, 8),
              endedAt: at(1),
              bytes: 3 * GIB,
              seconds: 29,
              bytesPerSecond: (3 * GIB) / 29,
              verified: { mode: 'full', bytes: 3 * GIB },
              progress: [],
            },
          ],
        },
      ],
      diagnostics: [],
      causes: [],
      notes: [{ at: at(0, 5), text: 'the window closes at 2026-06-01T14:00:00.000Z' }],
      logs: [],
    },
    {
      address: 'vm/win-fs1',
      result: 'failed',
      startedAt: at(1),
      endedAt: at(21),
      steps: [
        { kind: 'power-off', startedAt: at(1), endedAt: at(1, 41), disks: [], stages: [] },
        { kind: 'convert', startedAt: at(2), disks: [], stages: [{ at: at(3), stage: 'Converting', percent: 16 }] },
      ],
      diagnostics: [
        { severity: 'error', code: 'MP7001', address: 'vm/win-fs1', detail: 'virt-v2v-in-place: no root device found' },
      ],
      causes: [
        { name: 'ConvertError', message: 'virt-v2v-in-place: no root device found' },
        { name: 'Error', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 192.0.2.7:902\nat a place' },
        { name: 'TypeError', message: 'x is not a function', stack: ['TypeError: x is not a function', '    at f (a.ts:1:1)'] },
      ],
      notes: [],
      logs: ['.migplan/runs/79o62r26nsg2/logs/win-fs1/virt-v2v-in-place.log'],
    },
    { address: 'vm/web-03', steps: [], diagnostics: [], causes: [], notes: [], logs: [] },
  ],
};

const hostile: RunElsewhere = {
  run: 'otherrun1',
  status: 'ended',
  startedAt: at(1),
  endedAt: at(11),
  exit: 0,
  bytes: 2 * GIB,
  process: { ...process, who: 'ci@runner\u001b[31m', host: 'runner\u001b[31m' },
  migplan: '0.2.0',
  folder: '/builds/move',
  plan: { id: 'd0b6a7e3' },
  vms: [{ address: 'vm/web01' }],
  more_vms: 999,
};
const { endedAt: _end, exit: _exit, bytes: _bytes, ...begun } = hostile;
const elsewhere: readonly RunElsewhere[] = [
  hostile,
  { ...begun, run: 'otherrun2', status: 'running', more_vms: 0 },
  { ...begun, run: 'otherrun3', status: 'unknown', more_vms: 0 },
];

const copying = {
  disk: 2000,
  mode: 'full',
  cycle: 1,
  capacity: 40 * GIB,
  startedAt: at(2),
  checkpoint: 2 * GIB,
  progress: [{ at: at(20), bytesDone: 3 * GIB, bytesTotal: 30 * GIB }],
} as const;

function unended(status: RunRecord['status']): RunRecord {
  const { endedAt: _, exit: __, ...rest } = base;
  const step = {
    kind: 'sync',
    startedAt: at(2),
    disks: [copying, { ...copying, disk: 2001, progress: [] }],
    stages: [],
  } as const;
  const vm = { address: 'vm/app-07', startedAt: at(2), steps: [step], diagnostics: [], causes: [], notes: [], logs: [] };
  return { ...rest, status, run: `${status}run`, vms: [vm] };
}

const bare: RunRecord = {
  run: 'old',
  status: 'ended',
  startedAt: at(0),
  endedAt: at(1),
  lastAt: at(1),
  bytes: 0,
  vms: [],
  diagnostics: [{ severity: 'error', code: 'MP3009', detail: 'held by ops@conv1' }],
  causes: [],
  unreadableLines: 2,
};

const runs = [
  unended('running'),
  base,
  { ...base, exit: 0 },
  { ...base, exit: 143 },
  unended('killed'),
  unended('unknown'),
  bare,
];

function say(options: Partial<ViewOptions>): string {
  const streams = new RecordingStreams(false);
  const time = new TestTime();
  const view = viewOptions(streams, { now: () => new Date(at(30)), monotonicMs: time.monotonicMs, ...options });
  const title = (text: string) => options.format !== 'json' && streams.out(`\n===== ${text}\n`);
  title('list');
  runsListView(view).runs(runs, 3);
  title('list with runs of another machine');
  runsListView(view).runs([unended('running'), ...elsewhere], 0);
  title('list of none');
  runsListView(view).runs([], 0);
  for (const record of [base, unended('running'), unended('killed'), bare]) {
    title(`show ${record.run}`);
    runsShowView(view).run({ record, journal: `.migplan/runs/${record.run}/journal.ndjson` });
  }
  title('logs');
  const log = { path: '/s/runs/r/logs/web01/nbdkit.log', vm: 'web01', name: 'nbdkit', bytes: 4096 };
  const other = { path: '/s/runs/r/logs/web01/virt-v2v.log', vm: 'web01', name: 'virt-v2v', bytes: 12 };
  const logs = runsLogsView(view);
  logs.logs('r', [log, other]);
  logs.lines(log, ['2026 #1 one', '2026 #1 \u001b[31mtwo\u202e']);
  logs.lines(log, ['2026 #1 three']);
  logs.lines(other, ['2026 #1 four']);
  title('no logs');
  runsLogsView(view).logs('r', []);
  return streams.text;
}

describe('the views of runs', () => {
  test('for people', async () => {
    await expect(say({})).toMatchFileSnapshot('../golden/runs-views.human.txt');
  });

  test('for programs', async () => {
    await expect(say({ format: 'json' })).toMatchFileSnapshot('../golden/runs-views.json.txt');
  });

  test('nothing that a program said reaches a terminal as it is', () => {
    for (const format of ['human', 'json'] as const) {
      expect(say({ format })).not.toContain('\u001b');
      expect(say({ format })).not.toContain('\u202e');
    }
  });
});
