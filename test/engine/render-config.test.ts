import { expect, test } from 'vitest';
import { type Document, parseAllDocuments } from 'yaml';
import { renderConfig } from '../../src/engine/render-config.js';
import { loadProject } from '../../src/manifest/load.js';
import { configView } from '../../src/views/config/view.js';
import { inFolder, migrationText, projectText } from '../manifest/in-folder.js';
import { RecordingStreams, viewOptions } from '../views/streams.js';

const files = {
  'migplan.yaml': projectText(
    [
      '  variables: {flavor: {default: m1.small}, disk: {default: "scsi0:1"}}',
      '  environments: {prod: {overlay: prod.yaml, variables: {flavor: m1.large}}}',
      '  defaults: {verify: full, limits: {delta: 10GiB}}',
    ].join('\n'),
  ),
  'prod.yaml':
    'apiVersion: migplan.dev/v1alpha1\nkind: Overlay\nspec:\n  defaults: {limits: {downtime: 5m}}\n  migrations: {web01: {phase: sync}}\n',
  'manifests/a.yaml': migrationText('web01', '  phase: seed\n  bootDisk: "${var.disk}"').replace(
    'target: {provider: cloud}',
    'target: {provider: cloud, server: {flavor: "${var.flavor}", networks: [lan, {network: dmz, mac: new}]}}',
  ),
  'manifests/b.yaml': migrationText('web02'),
};

const render = (addresses?: readonly string[], disk = 'scsi0:0') =>
  inFolder(files, async (cwd) => {
    const asked = { environment: 'prod', variables: [`disk=${disk}`], keepsDocuments: true };
    return renderConfig(await loadProject({ cwd, env: { VC_PASSWORD: 'hunter2' }, ...asked }), addresses);
  });

test.each(['human', 'json'] as const)('what the files come to, with the origin of every value (%s)', async (format) => {
  const streams = new RecordingStreams();
  configView(viewOptions(streams, { format })).rendered(await render());
  await expect(streams.text).toMatchFileSnapshot(`../golden/config-render.${format}.txt`);
  expect(streams.text).toContain('env:VC_PASSWORD');
  expect(streams.text).not.toContain('hunter2');
});

test.each([
  ['plain', 'scsi0:0'],
  ['what hides and turns text', 'a\u202e\u200bb'],
  ['controls, quotes and escapes', '\u001b[31m "\\u{202e}\u0007'],
  ['several lines', 'one\u202e\n  two\n'],
  ['beyond four digits', '\u{e0041} \u{1f600}'],
])('it is YAML that says what it came to: %s', async (_, disk) => {
  const streams = new RecordingStreams();
  const config = await render(undefined, disk);
  expect(JSON.stringify(config.migrations[0]?.value)).toContain(JSON.stringify(disk));
  configView(viewOptions(streams, { format: 'human' })).rendered(config);
  const documents = (parseAllDocuments(streams.text) as Document[]).filter(({ contents }) => contents !== null);
  expect(documents.map((document) => document.toJS())).toEqual([
    config.project?.value,
    ...config.migrations.map(({ value }) => value),
  ]);
});

test('of each value: overlay before manifest before defaults before what leaving it out means', async () => {
  const { migrations, project } = await render(['vm/web01']);
  expect(project).toBeUndefined();
  const [{ value, origins } = expect.unreachable()] = migrations;
  expect(value).toMatchObject({
    spec: { phase: 'sync', verify: 'full', finalSync: 'run', limits: { delta: '10GiB', downtime: '5m' } },
  });
  const from = (path: string) => {
    const { source, variables } = origins[path]!;
    return `${source === undefined ? 'default' : `${source.file}:${source.start.line}`}${variables.map((name) => ` ${name}`).join('')}`;
  };
  expect(
    [
      'phase',
      'verify',
      'limits.delta',
      'limits.downtime',
      'finalSync',
      'shutdown.timeout',
      'bootDisk',
      'target.server.flavor',
      'target.server.networks.1.mac',
    ].map((field) => `${field} ${from(`spec.${field}`)}`),
  ).toEqual([
    'phase prod.yaml:5',
    'verify migplan.yaml:10',
    'limits.delta migplan.yaml:10',
    'limits.downtime prod.yaml:4',
    'finalSync default',
    'shutdown.timeout default',
    'bootDisk manifests/a.yaml:8 disk',
    'target.server.flavor manifests/a.yaml:6 flavor',
    'target.server.networks.1.mac manifests/a.yaml:6',
  ]);
});
