import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { planMisfit } from '../../src/cli/plan-misfit.js';
import { decodePlanFile } from '../../src/plan/file/decode-plan-file.js';
import type { PlanFile } from '../../src/plan/file/plan-file.js';
import { encodePlanFile } from '../../src/plan/file/plan-file.js';
import type { PlannedEntry } from '../../src/plan/file/planned-entry.js';
import { planView } from '../../src/views/plan/select.js';
import type { ViewOptions } from '../../src/views/view-options.js';
import { entries, samplePlan } from '../plan/sample-plan.js';
import { expectEvents } from './fits-events-schema.js';
import { RecordingStreams, viewOptions } from './streams.js';

const GOLDEN = '../golden';
const many = Array.from(
  { length: 25 },
  (_, i): PlannedEntry => ({ ...entries.delta, address: `vm/web-${String(i).padStart(2, '0')}`, name: `web-${i}` }),
);
const warned: PlannedEntry = {
  ...entries.converted,
  address: 'vm/warned',
  diagnostics: [
    { severity: 'warning', code: 'MP2026', address: 'vm/warned/server', detail: 'server x (srv) is in status SHUTOFF' },
  ],
};

/** Everything that plan and show say, one after the other. */
function say(options: Partial<ViewOptions>, isTerminal = false): string {
  const streams = new RecordingStreams(isTerminal);
  const view = planView(viewOptions(streams, options));
  const part = (title: string, plan: PlanFile, detail: 'auto' | 'vm' | 'disk' = 'auto') => {
    if (options.format !== 'json') streams.out(`\n===== ${title}\n`);
    view.plan(plan, { detail, seconds: 3.6 });
  };
  part('one VM of every sort', samplePlan());
  part('the same, one line a VM', samplePlan(), 'vm');
  part('many VMs', samplePlan([...many, entries.reset, entries.seeded, warned]));
  part('nothing to do', samplePlan([entries.seeded, entries.converted]));
  part('nothing to do, with a warning', samplePlan([warned]));
  part('only blocked', samplePlan([entries.exists]));
  part('no migrations', samplePlan([]));
  part('none that is selected', samplePlan([], { selected: ['vm/erp-db01', 'phase=cutover'] }));
  if (options.format !== 'json') streams.out('\n===== saved, not saved, diagnostics\n');
  view.saved('plan.json', samplePlan());
  view.saved("plans/it's of today.json", samplePlan(), { chdir: 'my project', trust: 'trust/trust.yaml' });
  view.saved('plan.json', samplePlan([entries.seeded]));
  view.notSaved();
  view.diagnostics([
    ...samplePlan().blocked,
    { severity: 'warning', code: 'MP1014', detail: 'first line', lines: ['second line'] },
  ]);
  return streams.text;
}

describe('the plan view', () => {
  test('for people', async () => {
    await expect(say({})).toMatchFileSnapshot(`${GOLDEN}/plan-view.human.txt`);
  });
  test('in automation, nobody is told what to type', () => {
    const text = say({ inAutomation: true });
    expect(text).not.toContain('migplan apply');
    expect(text).not.toContain('Note: without --out');
  });
  test('for programs', async () => {
    const text = say({ format: 'json' });
    expectEvents(text);
    await expect(text).toMatchFileSnapshot(`${GOLDEN}/plan-view.json.txt`);
  });
  test('colours on a terminal only, by meaning', () => {
    // What the person who runs the tests prefers is not asked.
    for (const name of ['NO_COLOR', 'FORCE_COLOR']) vi.stubEnv(name, undefined);
    vi.stubEnv('TERM', 'xterm');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(say({ noColor: false })).not.toContain('␛');
    expect(say({ noColor: true }, true)).not.toContain('␛');
    expect(say({ noColor: false }, true)).toContain('␛[31m␛[1m!␛[22m␛[39m');
  });
  test('a warning that data are lost reaches programs too', () => {
    expect(say({ format: 'json' })).toContain('MP2021');
  });
  test('names from vCenter cannot move the cursor, colour or turn text', () => {
    const streams = new RecordingStreams();
    const detail = 'snapshot \u001b[2Jgone\u0007 \u202efdp.exe';
    const evil: PlannedEntry = { ...entries.delta, diagnostics: [{ severity: 'warning', code: 'MP2024', detail }] };
    const left = { of: 'server', property: detail, value: `${detail}\nPlan: 0 to add`, note: detail };
    planView(viewOptions(streams)).plan(samplePlan([{ ...evil, notCarried: [left] }]), { detail: 'disk' });
    expect(streams.text).toContain('snapshot \\u{1b}[2Jgone\\u{7} \\u{202e}fdp.exe');
    for (const character of ['␛', '\u0007', '\u202e']) expect(streams.text).not.toContain(character);
  });
  test('what is not carried over is shown again from a saved plan, and cannot be taken out of it', () => {
    const text = encodePlanFile(samplePlan([entries.cutover]));
    const reading = decodePlanFile(text, planMisfit());
    const plan = reading.kind === 'plan' ? reading.plan : expect.unreachable(JSON.stringify(reading));
    const streams = new RecordingStreams();
    planView(viewOptions(streams)).plan(plan, { detail: 'disk' });
    expect(streams.text).toContain('Not carried over of vm/win-fs1:\n      server: name = "WIN FS #1" (it is called "win-fs1"');
    expect(decodePlanFile(text.replace('WIN FS #1', 'win-fs1'), planMisfit())).toMatchObject({ kind: 'altered' });
  });
  test('of many VMs it is counted', () => {
    const streams = new RecordingStreams();
    planView(viewOptions(streams)).plan(samplePlan([entries.cutover]), { detail: 'vm' });
    expect(streams.text).toContain('. Not all is carried over of 1 VM (--detail disk lists it): vm/win-fs1');
  });
  // One repeated warning was 70 % of a plan of 190 VMs, and its summary stood at line 1,345.
  test('of 190 VMs with the same warning the verdict comes first, and the warning once', () => {
    const same = many.concat(
      Array.from({ length: 165 }, (_, index) => ({ ...entries.delta, address: `vm/x${index}`, name: `x${index}` })),
    );
    const told = same.map((one): PlannedEntry => {
      const id = `6000c29a-1111-2222-3333-${String(one.name.length).padStart(12, '0')}`;
      const detail = `${one.name}: volume ${id} is on the way`;
      return { ...one, diagnostics: [{ severity: 'warning', code: 'MP5008', address: one.address, detail }] };
    });
    const streams = new RecordingStreams();
    planView(viewOptions(streams)).plan(samplePlan([...told, entries.reset, entries.cutover]), { detail: 'auto' });
    const lines = streams.text.split('\n');
    expect(lines[0]).toMatch(
      /^1 VM goes down: win-fs1 \(from Sat 2026-06-06 20:00 UTC for 4h 0m; off: 1m 20s by the last delta; /,
    );
    expect(lines.slice(0, 4)).toContain('1 VM is blocked: crm-01.');
    expect(streams.text.match(/^Warning: .*MP5008/gm)).toHaveLength(1);
    expect(streams.text).toMatch(/^ {2}the same of 189 others: vm\/web-01, vm\/web-02, .* and 184 more$/m);
    expect(lines.length).toBeLessThan(240);
    expect(streams.text.indexOf('x vm/crm-01/disk/2000')).toBeLessThan(streams.text.indexOf('~ vm/web-00'));
  });
  test('every step in its order, where somebody asks for it', () => {
    const streams = new RecordingStreams();
    planView(viewOptions(streams)).plan(samplePlan([entries.cutover]), { detail: 'step' });
    const steps = streams.text.split('\n').filter((line) => /^ {2}[ !] +\d+\. /.test(line));
    expect(steps.map((line) => line.slice(0, 44))).toEqual(
      entries.cutover.actions.map((action, index) =>
        expect.stringMatching(
          `^  ${action.kind === 'power-off' || action.kind === 'convert' ? '!' : ' '}  ${index + 1}\\. vm/win-fs1`,
        ),
      ),
    );
  });
  test.each([
    ['2026-06-06T19:00:00Z', 'from Sat 2026-06-06 20:00 UTC for 4h 0m'],
    ['2026-06-06T21:00:00Z', 'now, until Sun 2026-06-07 00:00 UTC'],
  ])('a window is told as it is when the plan is made: %s', (createdAt, text) => {
    const streams = new RecordingStreams();
    const at = new Date(createdAt).toISOString();
    planView(viewOptions(streams)).plan(samplePlan([entries.cutover], { createdAt: at }), { detail: 'vm' });
    expect(streams.text.split('\n')[0]).toContain(text);
  });
  test.each([
    [
      { start: '2026-06-07T00:00:00.000Z', end: '2026-06-07T04:00:00.000Z' },
      'from Sun 2026-06-07 00:00 UTC to Sun 2026-06-07 04:00 UTC',
    ],
    [{ start: '2026-05-01T00:00:00.000Z', end: '2026-05-02T00:00:00.000Z' }, 'its window is over'],
  ])('a window that opens once', (span, text) => {
    const streams = new RecordingStreams();
    const once: PlannedEntry = { ...entries.cutover, window: { kind: 'once', ...span } };
    planView(viewOptions(streams)).plan(samplePlan([once]), { detail: 'vm' });
    expect(streams.text.split('\n')[0]).toContain(text);
  });
  test('others find their headings and lines', () => {
    const text = say({});
    expect(text).toMatch(/^ *# (.*) will be created$/m);
    expect(text).toMatch(/^ *# (.*) will be updated in-place$/m);
    expect(text).toMatch(/No changes\. (Infrastructure is up-to-date|Your infrastructure matches the configuration)\./);
    expect(text).toMatch(/^(Plan: \d|No changes.)/m);
    expect(text).toMatch(/^stderr\| ([│|] )?(Error: )/m);
  });
  test('a VM without disks in the plan is no trouble', () => {
    const streams = new RecordingStreams();
    const gone: PlannedEntry = { ...entries.reset, disks: [] };
    planView(viewOptions(streams)).plan(samplePlan([gone]), { detail: 'vm' });
    expect(streams.text).toContain('x vm/crm-01  sync   0      -');
  });
});
