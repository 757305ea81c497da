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
  if (options.format !== 'json') streams.out('\n===== saved, not saved, diagnostics\n');
  view.saved('plan.json', samplePlan());
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
    expect(streams.text).toContain('. vm/win-fs1: 2 things not carried over');
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
