import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reportOfRun } from '../../src/engine/report/report-of-run.js';
import { readJournal } from '../../src/engine/runs/read-journal.js';
import { listRuns } from '../../src/engine/runs/read-runs.js';
import type { RunRecord } from '../../src/engine/runs/run-record.js';
import { type Page, pageText } from '../../src/views/report/page.js';
import { runPage } from '../../src/views/report/run/run-page.js';
import { RecordedRuntime } from '../engine/recorded-runs.js';
import { hostileText, seenIn, tagsOf } from './hostile.js';
import { journalText } from './journals.js';

const names = Array.from({ length: 6 }, (_, index) => `app-${index}`);
const said = { version: '0.1.0', now: new Date('2026-06-01T20:30:00Z') };
const assets = { style: '/* style */', script: '/* script */' };

function recordOf(vms: readonly string[], { ended = true, status = 'ended' as RunRecord['status'] } = {}): RunRecord {
  return { ...readJournal('79o62r26nsg2', journalText('79o62r26nsg2', vms, { ended })), status };
}
const pageOf = (record: RunRecord): Page => runPage({ record, journal: '/srv/move/journal.ndjson', histories: [] }, said);
const textOf = (record: RunRecord): string => pageText(pageOf(record), assets);
const section = (text: string, id: string): string =>
  seenIn(new RegExp(`<section id="${id}"[\\s\\S]*?</section>`).exec(text)?.[0] ?? '');
const chartsOf = ({ sections }: Page) => sections.flatMap(({ charts = [] }) => charts);

test('a run of six VMs, one of which failed', async () => {
  await expect(textOf(recordOf(names))).toMatchFileSnapshot('../golden/report-run.html.txt');
});

describe('what a run left behind', () => {
  test('begins with how it ended and for which VMs', () => {
    const text = seenIn(textOf(recordOf(names)));
    expect(text).toContain('Run 79o62r26nsg2: incomplete (exit code 6)');
    expect(text).toContain('1 VM failed: vm/app-1.5 VMs done: vm/app-0, vm/app-2, vm/app-3, vm/app-4, vm/app-5.Copied: ');
  });
  test('says what went wrong, why, and where to read more', () => {
    const trouble = section(textOf(recordOf(names)), 'trouble');
    for (const words of [
      'MP7001',
      'vm/app-1',
      'no root device found',
      'because of Error ENOENT: no <root>',
      'logs/virt-v2v.log',
      'look at the log',
    ])
      expect(trouble).toContain(words);
  });
  test.each([
    ['running', 'being worked on', 'still running at 2026-06-01 20:30:00 UTC'],
    ['killed', 'cut off', 'last seen 2026-06-01 20:0'],
    ['unknown', 'cut off', 'last seen 2026-06-01 20:0'],
  ] as const)('of a run that is %s says that the last VM is %s', (status, end, until) => {
    const text = seenIn(textOf(recordOf(names, { ended: false, status })));
    expect(text).toContain(`1 VM ${end}: vm/app-5.`);
    expect(text).toContain(until);
    expect(section(textOf(recordOf(names, { ended: false, status })), 'copies')).toMatch(/app-5 2000.*not complete/);
  });
  test('draws when which VM was worked on, what was copied, and how fast on its way', () => {
    const [timeline, bars, lines, ...others] = chartsOf(pageOf(recordOf(names)));
    expect(others).toEqual([]);
    expect(timeline).toMatchObject({
      kind: 'timeline',
      rows: [{ label: 'this run' }, { label: 'app-0' }, { label: 'app-1' }, {}, {}, {}, {}],
    });
    expect(bars).toMatchObject({ kind: 'bars', labels: expect.arrayContaining(names.map((name) => `${name} 2000`)) });
    if (lines?.kind !== 'lines') throw new Error('no lines');
    // 600 to 1,090 MiB in each ten seconds.
    const rates = lines.series.flatMap(({ points }) => points.slice(0, -1).map(([, rate]) => rate / 2 ** 20));
    expect(rates.length).toBeGreaterThan(20);
    expect(rates.every((rate) => rate >= 60 && rate <= 109)).toBe(true);
  });
  test('without a single VM is a page as well', () => {
    expect(seenIn(textOf(readJournalOf('')))).toContain('No VM was to be worked on.');
  });
  const readJournalOf = (text: string): RunRecord => ({ ...readJournal('r', text), status: 'unknown' });
  test('of hundreds of VMs is drawn as far as lines can be told apart, and told in full', () => {
    const many = Array.from({ length: 400 }, (_, index) => `vm-${index}`);
    const record = recordOf(many);
    expect(chartsOf(pageOf(record)).map((chart) => (chart.kind === 'timeline' ? chart.rows : chart.series).length)).toEqual([
      25, 2, 8,
    ]);
    expect(section(textOf(record), 'vms')).toContain('vm/vm-399');
  });
  test('of hundreds of VMs draws those that took longest, wherever they were in the run', () => {
    const record = recordOf(Array.from({ length: 400 }, (_, index) => `vm-${index}`));
    const vms = record.vms.map((vm, index) => (index === 300 ? { ...vm, startedAt: record.startedAt } : vm));
    const [timeline] = chartsOf(pageOf({ ...record, vms }));
    if (timeline?.kind !== 'timeline') throw new Error('no timeline');
    const took = timeline.rows.slice(1).map(({ spans: [[begin, end] = [0, 0]] }) => end - begin);
    const all = vms.map(({ startedAt, endedAt }) => (Date.parse(endedAt!) - Date.parse(startedAt!)) / 1000);
    expect(timeline.rows[1]).toMatchObject({ label: 'vm-300' });
    expect(took.toSorted((a, b) => b - a)).toEqual(all.toSorted((a, b) => b - a).slice(0, 24));
    expect(textOf(record)).toContain('The 24 of 400 VMs that took longest are drawn.');
  });
});

test('names of others make no element, wherever a journal has them', () => {
  const ours = tagsOf(textOf(recordOf(['a', 'b', 'c']))).filter((tag) => !tag.includes('http-equiv'));
  fc.assert(
    fc.property(hostileText, (name) => {
      const tags = tagsOf(textOf(recordOf([`${name}a`, `${name}b`, `${name}c`])));
      expect(tags.filter((tag) => !tag.includes('http-equiv'))).toEqual(ours);
    }),
    { numRuns: 60 },
  );
});

test('a real run, and its page', async () => {
  const runtime = await RecordedRuntime.openNew();
  await runtime.apply();
  const state = await runtime.state();
  const [record] = await listRuns(state);
  const report = await reportOfRun(record!, state);
  const text = seenIn(pageText(runPage(report, said), assets));
  expect(text).toMatch(/Run \w{12}: done \(exit code 0\)/);
  expect(text).toContain('1 VM done: vm/web01.');
  expect(text).toMatch(/sync: \d+s/);
});
