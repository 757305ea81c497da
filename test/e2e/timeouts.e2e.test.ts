import { afterAll, beforeAll, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { manifestOf, migplan, said } from './steps.js';

// How long a cloud may take is what the Project says.
let bench: Bench;

beforeAll(async () => {
  bench = await Bench.open({
    source: vcenter([{ name: 'slow' }]),
    target: simulatedCloud({ timings: { volumeCreateMs: 3_600_000 } }),
  });
});
afterAll(() => bench[Symbol.asyncDispose]());

test('a volume that takes longer than timeouts.volume: exit code 6, and it stays for the next run', async () => {
  const project = await bench.project('slow');
  await project.edit('migplan.yaml', (text) => text.replace(/^ {6}access: /m, '      timeouts: {volume: 2s}\n$&'));
  await project.manifest('slow', manifestOf('slow', 'phase: seed'));
  const told = said(await migplan(project, ['apply', '--auto-approve'], { exit: 6 }));
  expect(told).toMatch(/MP4003[\s\S]*volume \S+ is not available after 2 s/);
  expect(await bench.target.control.volumeNamed('slow-2000')).toMatchObject({
    status: 'creating',
    metadata: { changeID: '' },
  });
});
