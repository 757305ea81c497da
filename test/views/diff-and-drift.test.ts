import { describe, expect, test } from 'vitest';
import { comparePlans } from '../../src/plan/file/compare-plans.js';
import { diffView } from '../../src/views/diff/view.js';
import { driftView } from '../../src/views/drift/view.js';
import { entries, samplePlan } from '../plan/sample-plan.js';
import { RecordingStreams, viewOptions } from './streams.js';

const [one, other] = [
  samplePlan([entries.delta, entries.created, entries.seeded, entries.cutover], { notes: ['first'] }),
  samplePlan([
    { ...entries.delta, wave: '2' },
    entries.reset,
    entries.seeded,
    { ...entries.cutover, actions: entries.cutover.actions.slice(1) },
  ]),
];

describe.each(['human', 'json'] as const)('%s', (format) => {
  test('diff', async () => {
    const streams = new RecordingStreams();
    const view = diffView(viewOptions(streams, { format }));
    view.compared(comparePlans(one, other), { before: one, after: other });
    view.compared(comparePlans(one, one), { before: one, after: one });
    await expect(streams.text).toMatchFileSnapshot(`../golden/diff-view.${format}.txt`);
  });
  test('drift', async () => {
    const streams = new RecordingStreams();
    const view = driftView(viewOptions(streams, { format }));
    const diagnostics = samplePlan([entries.reset]).blocked;
    view.drift({
      vms: 3,
      drifted: [{ address: 'vm/crm-01', diagnostics }],
      notes: ['prod has 1 volume of VMs that no manifest sends there'],
    });
    view.drift({ vms: 1, drifted: [], notes: [] });
    await expect(streams.text).toMatchFileSnapshot(`../golden/drift-view.${format}.txt`);
  });
});
