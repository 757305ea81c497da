import { describe, expect, test } from 'vitest';
import { runId } from '../../src/model/ids.js';
import { comparePlans } from '../../src/plan/file/compare-plans.js';
import type { SinceApply } from '../../src/plan/since-apply.js';
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

const here: SinceApply = {
  recorded: 'here',
  run: runId('4f0k2m9x1c7q'),
  plan: 'plan-1',
  at: '2026-05-31T22:04:11.000Z',
  unfinished: [],
  changes: [],
};
const volumes: SinceApply = {
  recorded: 'volumes',
  run: 'e1sewheree1s',
  at: '2026-05-31T22:00:00.000Z',
  older: { run: runId('4f0k2m9x1c7q'), at: '2026-05-01T22:04:11.000Z' },
  unfinished: [],
  changes: [],
};
const changed = {
  type: { address: 'vm/crm-01/disk/2000', field: 'image_metadata.hw_machine_type', before: 'pc-i440fx-6.2', after: 'pc-q35-6.2' },
  gone: { address: 'vm/crm-01/server', field: 'server', before: 'srv-1', after: null },
  port: {
    address: 'vm/crm-01/server',
    field: 'ports.p1',
    before: null,
    after: { network: 'n', mac: 'm', addresses: ['10.0.0.9'] },
  },
  power: { address: 'vm/db-01', field: 'power', before: 'off', after: 'on' },
} as const;

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
      since: [
        { address: 'vm/crm-01', apply: { ...here, changes: [changed.type, changed.gone, changed.port] } },
        { address: 'vm/db-01', apply: { ...volumes, unfinished: ['k1lledk1lled'], changes: [changed.power] } },
        { address: 'vm/web-01', apply: { recorded: 'nowhere', unfinished: [], changes: [] } },
      ],
      notes: ['prod has 1 volume of VMs that no manifest sends there'],
    });
    const calm = { vms: 1, drifted: [], notes: [] };
    view.drift({ ...calm, since: [{ address: 'vm/crm-01', apply: { ...here, changes: [changed.type] } }] });
    view.drift({ ...calm, since: [{ address: 'vm/crm-01', apply: here }] });
    view.drift({ ...calm, since: [{ address: 'vm/crm-01', apply: volumes }] });
    view.drift({ ...calm, since: [{ address: 'vm/crm-01', apply: { recorded: 'nowhere', unfinished: [], changes: [] } }] });
    await expect(streams.text).toMatchFileSnapshot(`../golden/drift-view.${format}.txt`);
  });
});
