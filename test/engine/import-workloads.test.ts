import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DiagnosticsError } from '../../src/diag/diagnostic.js';
import { importWorkloads } from '../../src/engine/import-workloads.js';
import { inFolder, projectText } from '../manifest/in-folder.js';

const workloads = `os_migrate_version: 1.0.5
resources:
- _info: {id: i1}
  _migration_params: {}
  params: {name: app, flavor_ref: {name: m1}, ports: [], volumes: []}
  type: openstack.compute.Server
`;

const imported = (provider: string | undefined, project?: string) =>
  inFolder({ 'workloads.yml': workloads, ...(project !== undefined && { 'migplan.yaml': project }) }, (folder) =>
    importWorkloads({ path: join(folder, 'workloads.yml'), shown: 'workloads.yml', provider, folder, env: {} }),
  );

const refusal = async (provider: string) =>
  imported(provider, projectText()).then(
    () => expect.unreachable('taken'),
    (error: unknown) => (error as DiagnosticsError).diagnostics,
  );

describe('a provider for what is imported', () => {
  test.each<[string, string | undefined, string | undefined]>([
    ['none is named', undefined, projectText()],
    ['the Project has it', 'cloud', projectText()],
    ['there is no Project yet', 'nope', undefined],
    ['the Project has mistakes, of which others tell', 'nope', projectText('  what: 1')],
  ])('is taken: %s', async (_name, provider, project) => {
    const { files } = await imported(provider, project);
    expect(files.map(({ path }) => path)).toEqual(['app.yaml']);
    expect(files[0]!.text.includes('provider:')).toBe(provider !== undefined);
  });

  test('that the Project does not have is refused: each manifest would be', async () => {
    expect(await refusal('nope')).toMatchObject([{ code: 'MP1011', nextSteps: ['Providers of the Project: vc, cloud'] }]);
    expect(await refusal('cluod')).toMatchObject([
      {
        detail: '--provider cluod: the Project has no such provider; nothing was written',
        nextSteps: ['Did you mean cloud?', 'Providers of the Project: vc, cloud'],
      },
    ]);
  });
});
