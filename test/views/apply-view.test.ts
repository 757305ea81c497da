import { describe, expect, test } from 'vitest';
import type { ApplyEvent } from '../../src/apply/handler.js';
import type { MigrationOutcome } from '../../src/apply/migration-outcome.js';
import type { Action } from '../../src/plan/core/action.js';
import { applyView } from '../../src/views/apply/select.js';
import type { ApplySummary, ApplyView } from '../../src/views/apply/view.js';
import type { ViewOptions } from '../../src/views/view-options.js';
import * as s from '../plan/plan-fixture.js';
import { entries, samplePlan } from '../plan/sample-plan.js';
import { expectEvents } from './fits-events-schema.js';
import { RecordingStreams, TestTime, viewOptions } from './streams.js';

const MiB = 2 ** 20;
const GiB = 2 ** 30;
const disk = s.diskKey(2000);
const db = 'vm/erp-db01';
const win = 'vm/win-fs1';
const bug = Object.assign(new Error('x is undefined'), { stack: 'Error: x is undefined\n    at there.js:1:1' });

const outcomes: readonly MigrationOutcome[] = [
  {
    address: db,
    result: 'done',
    diagnostics: [
      {
        severity: 'warning',
        code: 'MP6008',
        address: `${db}/disk/2000`,
        detail: '30.0 GiB of 40.0 GiB that were compared differed and were written',
      },
    ],
  },
  {
    address: win,
    result: 'failed',
    diagnostics: [
      {
        severity: 'error',
        code: 'MP7001',
        address: win,
        detail: 'virt-v2v: no operating system was found',
        nextSteps: ['check the boot disk'],
      },
    ],
    logs: ['.migplan/runs/abcdefghijkl/logs/win-fs1/virt-v2v-in-place.log'],
  },
  { address: 'vm/app-07', result: 'failed', diagnostics: [], bug },
  { address: 'vm/web-03', result: 'interrupted', diagnostics: [] },
  { address: 'vm/hr-02', result: 'not-started', diagnostics: [] },
  { address: 'vm/hr-03', result: 'refused', diagnostics: [] },
  { address: 'vm/hr-04', result: 'locked', diagnostics: [] },
];

const summary = (over: Partial<ApplySummary> = {}): ApplySummary => ({
  plan: samplePlan(),
  outcomes,
  seconds: 1260.4,
  bytes: 97 * 2 ** 30,
  interrupted: false,
  run: 'abcdefghijkl',
  journal: '.migplan/runs/abcdefghijkl/journal.ndjson',
  planPath: 'plan.json',
  ...over,
});

/** Every action there is, as the sample plan has it. */
const actions = new Map<string, { address: string; action: Action }>(
  Object.values(entries).flatMap(({ address, actions: all }) => all.map((action) => [action.kind, { address, action }] as const)),
);
actions.set('enable-cbt', { address: db, action: { kind: 'enable-cbt' } });
actions.set('finalize-copy', { address: db, action: { kind: 'finalize-copy', disks: [disk] } });
actions.set('mark-converted', { address: db, action: { kind: 'mark-converted', disks: [disk], run: 'abcdefghijkl' } });

function work(view: ApplyView, time: TestTime): void {
  view.begun(samplePlan([entries.delta, entries.cutover]));
  for (const { address, action } of actions.values()) {
    view.event({ type: 'action-start', address, action });
    time.pass(3);
    view.event({ type: 'action-done', address, action, seconds: 3 });
  }
  view.event({ type: 'transfer-known', address: db, disk, bytes: 3.5 * 2 ** 30, extents: 1812, limitBytes: 10 * 2 ** 30 });
  view.event({ type: 'transfer-known', address: win, disk, bytes: 512, extents: 1 });
  for (let step = 1; step <= 40; step++) {
    time.pass(10);
    const progress = (address: string, rate: number): ApplyEvent => ({
      type: 'progress',
      address,
      disk,
      bytesDone: step * 10 * rate * MiB,
      bytesTotal: 400 * rate * MiB,
    });
    view.event(progress(db, 120));
    if (step % 7 === 0) view.event(progress(win, 3));
  }
  view.event({
    type: 'disk-synced',
    address: db,
    disk,
    changeId: s.at(84),
    bytes: 3.5 * 2 ** 30,
    seconds: 29.04,
    verified: { mode: 'sample', bytes: 3.5 * 2 ** 30 + 64 * MiB, copiedBytes: 3.5 * 2 ** 30, blocks: 1024, of: 598_016 },
  });
  const synced = { type: 'disk-synced', address: win, disk, changeId: undefined, bytes: 0, seconds: 0.2 } as const;
  view.event({ ...synced, verified: { mode: 'full', bytes: 40 * 2 ** 30 } });
  view.event({ ...synced, verified: { mode: 'sample', bytes: 8 * MiB, copiedBytes: 0, blocks: 128, of: 128 } });
  view.event({ ...synced, verified: { mode: 'off' } });
  for (const bytesDone of [1, 2]) {
    time.pass(20);
    view.event({ type: 'progress', address: win, disk, bytesDone: bytesDone * GiB, bytesTotal: 2 * GiB, repaired: 65_536 });
  }
  view.event({ ...synced, bytes: 65_536, compared: 2 * GiB, verified: { mode: 'off' } });
  view.event({ type: 'conversion-stage', address: win, stage: 'Converting', percent: 20 });
  view.event({ type: 'conversion-stage', address: win, stage: 'Converting', percent: 30 });
  view.event({ type: 'conversion-stage', address: win, stage: 'Merging', percent: 0 });
  view.event({ type: 'note', address: win, note: { kind: 'stays-off' } });
  view.interrupting();
  view.event({ type: 'progress', address: win, disk, bytesDone: 1, bytesTotal: 2 });
  for (const outcome of outcomes) view.outcome(outcome);
}

function say(options: Partial<ViewOptions>, isTerminal = false): string {
  const streams = new RecordingStreams(isTerminal);
  const time = new TestTime();
  const view = applyView(viewOptions(streams, { now: time.now, monotonicMs: time.monotonicMs, ...options }));
  const title = (text: string) => options.format !== 'json' && streams.out(`\n===== ${text}\n`);
  title('work');
  work(view, time);
  title('incomplete');
  view.finished(summary());
  title('interrupted, made in this run');
  const { planPath: _, ...unsaved } = summary({ interrupted: true, outcomes: outcomes.slice(3) });
  view.finished(unsaved);
  title('not approved, made in this run, of another folder and environment');
  const refused = { address: 'vm/crm-01', result: 'refused', diagnostics: [] } as const;
  const calledWith = { chdir: 'my move', trust: 'trust/trust.yaml', env: 'prod' };
  const typed = ['migplan', 'apply', '--auto-approve', '--chdir', 'my move', '--env', 'prod', '-l', 'wave=10'];
  view.finished({
    ...unsaved,
    interrupted: false,
    outcomes: [refused, { address: 'vm/win-fs1', result: 'not-approved', diagnostics: [] }],
    calledWith,
    typed,
  });
  title('all done');
  view.finished(summary({ outcomes: outcomes.slice(0, 1) }));
  title('all done but what is blocked');
  view.finished(summary({ outcomes: [...outcomes.slice(0, 1), { address: 'vm/crm-01', result: 'blocked', diagnostics: [] }] }));
  title('all is blocked');
  const { journal: ___, ...notBegun } = summary({
    outcomes: [{ address: 'vm/crm-01', result: 'blocked', diagnostics: [] }],
    bytes: 0,
  });
  view.finished(notBegun);
  title('nothing was left to do');
  view.finished(summary({ outcomes: [], bytes: 0 }));
  title('before anything is done');
  view.alreadyApplied('2026-06-01T12:34:56.000Z', 'conv1');
  view.nothingToDo();
  view.diagnostics([{ severity: 'error', code: 'MP3009', address: db, detail: 'held by ops@conv1' }]);
  view.close();
  return streams.text;
}

describe('the apply view', () => {
  test('for people, without a terminal: a line now and then', async () => {
    await expect(say({})).toMatchFileSnapshot('../golden/apply-view.human.txt');
  });
  test('for people, at a terminal: running disks are rewritten in place', async () => {
    await expect(say({}, true)).toMatchFileSnapshot('../golden/apply-view.terminal.txt');
  });
  test('for programs', async () => {
    const text = say({ format: 'json' });
    expectEvents(text);
    await expect(text).toMatchFileSnapshot('../golden/apply-view.json.txt');
  });
  test('knows a text for every action there is', () => {
    expect([...actions.keys()].sort()).toEqual([
      'commit-conversion',
      'convert',
      'create-server',
      'create-volume',
      'discard-overlays',
      'enable-cbt',
      'finalize-copy',
      'mark-converted',
      'power-off',
      'release-attachment',
      'release-snapshot',
      'set-image-metadata',
      'sync',
    ]);
  });
  test('at a terminal no line is wider than it, and nothing is left standing', () => {
    // What a terminal shows in the end: lines, and "up N, erase to the end".
    const shown: string[] = [];
    for (const part of say({}, true).split(/(␛\[\d+A␛\[0J)/)) {
      const up = /^␛\[(\d+)A/.exec(part);
      if (up !== null) shown.splice(shown.length - Number(up[1]));
      else shown.push(...part.split('\n').slice(0, -1));
    }
    expect(shown.filter((line) => line.includes('Still copying'))).toEqual([]);
    expect(shown.filter((line) => line.includes('Still converting'))).toEqual([]);
  });
});
