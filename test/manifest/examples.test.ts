import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadProject } from '../../src/manifest/load.js';
import { readDocument } from '../../src/manifest/read-document.js';
import { validators } from '../../src/providers/nbd/validators.js';

const folder = fileURLToPath(new URL('../../examples/first', import.meta.url));

test('examples/first is valid and says what its README says', async () => {
  const { project, migrations, diagnostics, files } = await loadProject({ cwd: folder, env: {} });
  expect(diagnostics).toEqual([]);
  expect(files.map(({ path }) => path)).toEqual(['migplan.yaml', 'manifests/erp-db01.yaml', 'manifests/win-fs1.yaml']);
  expect(Object.keys(project?.providers ?? {})).toEqual(['vc-prod', 'rhoso-prod']);
  expect(migrations.map(({ address, phase, cbtSync, cutover }) => [address, phase, cbtSync, cutover])).toEqual([
    ['vm/erp-db01', 'seed', true, false],
    ['vm/win-fs1', 'cutover', true, true],
  ]);
});

const images = fileURLToPath(new URL('../../examples/images', import.meta.url));

test('examples/images is valid, its machine too', async () => {
  const { project, migrations, diagnostics } = await loadProject({ cwd: images, env: {} });
  expect(diagnostics).toEqual([]);
  expect(migrations).toMatchObject([
    { source: { provider: 'images', vm: { kind: 'server', server: 'web01' } }, phase: 'cutover' },
  ]);
  expect(project?.providers['images']).toMatchObject({
    machines: [join(images, 'machines')],
    images: [join(images, 'machines'), '/srv/images'],
  });
  const location = { folder: join(images, 'machines'), file: 'web01.json', shown: 'web01.json' };
  const machine = await readDocument(location, validators.machine);
  expect(machine).toMatchObject({ diagnostics: [], value: { name: 'web01', conversion: 'none' } });
});

const oldCloud = fileURLToPath(new URL('../../examples/old-cloud', import.meta.url));

test('examples/old-cloud is valid, and a rehearsal never cuts over', async () => {
  const { migrations, diagnostics } = await loadProject({ cwd: oldCloud, env: {} });
  expect(diagnostics).toEqual([]);
  expect(migrations).toMatchObject([
    {
      source: { provider: 'rhosp13', vm: { kind: 'server', server: 'legacy-app' }, rehearsal: true },
      target: { provider: 'rhoso18', server: { name: 'legacy-app' }, mapping: { flavors: { 'm1.legacy': 'm1.large' } } },
      phase: 'cutover',
      cutover: false,
      hwMachineType: 'preserve',
    },
  ]);
});
