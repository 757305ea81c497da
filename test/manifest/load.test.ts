import { chmod, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadProject } from '../../src/manifest/load.js';
import { fullMigration, fullProject } from './full-documents.js';
import { inFolder, loadFiles, loadSpec, migrationText, projectText } from './in-folder.js';

const told = ({ diagnostics }: { readonly diagnostics: readonly { code: string; detail: string }[] }): string[] =>
  diagnostics.map(({ code, detail }) => `${code} ${detail}`);

describe('files', () => {
  test('without a project file there is one diagnostic that says how to start', async () => {
    const loaded = await loadFiles({ 'readme.txt': '' });
    expect(told(loaded)).toEqual(['MP1013 migplan.yaml cannot be read: there is no such file']);
    expect(loaded.diagnostics[0]?.nextSteps).toContain('To start a new project, run: migplan init');
    expect(loaded).toMatchObject({ migrations: [], files: [] });
  });

  test('another project file may be named; its folder is where paths start', async () => {
    const files = { 'sub/other.yaml': projectText(), 'sub/manifests/a.yaml': migrationText('a') };
    await inFolder(files, async (cwd) => {
      const { project, migrations } = await loadProject({ cwd, projectFile: 'sub/other.yaml', env: {} });
      expect(project).toMatchObject({ name: 'test', file: 'other.yaml', folder: join(cwd, 'sub') });
      expect(project?.providers['vc']).toMatchObject({ reader: { libdir: join(cwd, 'sub', 'vddk') } });
      expect(migrations.map(({ file }) => file)).toEqual(['manifests/a.yaml']);
    });
  });

  test('all paths of providers are absolute', async () => {
    await inFolder({ 'migplan.yaml': JSON.stringify(fullProject), 'vms/a.yaml': JSON.stringify(fullMigration) }, async (cwd) => {
      const { project } = await loadProject({ cwd, env: {} });
      const at = (path: string): string => join(cwd, path);
      expect(project?.providers['vc-other']).toMatchObject({
        password: { path: at('secret') },
        tls: { caFile: at('ca.pem') },
        reader: { libdir: at('vddk'), nbdkit: at('bin/nbdkit'), plugin: at('lib/vddk.so') },
      });
      expect(project?.providers['cloud-other']).toMatchObject({ access: { rbd: { conf: at('ceph.conf') } } });
      expect(project?.providers['cloud-nova']).toMatchObject({
        access: { ssh: { identityFile: at('keys/conv'), configFile: at('ssh_config') } },
      });
    });
  });

  test('HOME is read for ~/', async () => {
    const project = projectText().replace('libdir: vddk', 'libdir: ~/vddk');
    await inFolder({ 'migplan.yaml': project, 'manifests/a.yaml': migrationText('a') }, async (cwd) => {
      const loaded = await loadProject({ cwd, env: { HOME: '/home/ops' } });
      expect(loaded.project?.providers['vc']).toMatchObject({ reader: { libdir: '/home/ops/vddk' } });
    });
  });

  test('migrations may stand in the project file, and in many documents of one file', async () => {
    const project = `${projectText()}\n---\n${migrationText('a')}\n---\n# nothing\n---\n${migrationText('b')}`;
    const loaded = await loadFiles({
      'migplan.yaml': project,
      'manifests/c.yaml': `${migrationText('c')}\n---\n${migrationText('d')}`,
    });
    expect(told(loaded)).toEqual([]);
    expect(loaded.migrations.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
  });

  test.each([
    ['manifests/*.yaml', ['manifests/a.yaml']],
    ['manifests/**/*.yaml', ['manifests/a.yaml', 'manifests/deep/er/c.yaml', 'manifests/deep/b.yaml']],
    ['**/?.yaml', ['manifests/a.yaml', 'manifests/deep/er/c.yaml', 'manifests/deep/b.yaml', 'top.d/e.yaml']],
    ['**', []],
    ['manifests/.*.yaml', ['manifests/.hidden.yaml']],
    ['top.d/*', ['top.d/e.yaml']],
    ['topxd/*', []],
  ])('include %s', async (pattern, expected) => {
    const names = [
      'manifests/a.yaml',
      'manifests/deep/b.yaml',
      'manifests/deep/er/c.yaml',
      'manifests/.git/d.yaml',
      'top.d/e.yaml',
      'manifests/.hidden.yaml',
    ];
    const files = Object.fromEntries(names.map((name) => [name, '']));
    const loaded = await loadFiles({ ...files, 'migplan.yaml': projectText(`  include: ["${pattern}"]`) });
    const found = loaded.files.map(({ path }) => path).slice(1);
    expect(found.toSorted()).toEqual(expected.toSorted());
  });

  test('a file that is not UTF-8, one that is too long and a link to nowhere are told', async () => {
    const latin1 = Buffer.from('name: caf\u00e9', 'latin1');
    await inFolder(
      { 'migplan.yaml': projectText(), 'manifests/a.yaml': latin1, 'manifests/b.yaml': 'x'.repeat(2 ** 20 + 1) },
      async (cwd) => {
        await symlink('nowhere', join(cwd, 'manifests/c.yaml'));
        await mkdir(join(cwd, 'manifests/d.yaml'));
        const loaded = await loadProject({ cwd, env: {} });
        expect(told(loaded)).toEqual([
          'MP1012 manifests/a.yaml cannot be read: it is not UTF-8 text',
          'MP1012 manifests/b.yaml cannot be read: it has 1048577 bytes, and at most 1048576 are read',
          'MP1012 manifests/c.yaml cannot be read: there is no such file',
        ]);
        expect(loaded.project?.name).toBe('test');
      },
    );
  });

  test.runIf(process.getuid?.() !== 0)('a file without permission is told', async () => {
    await inFolder({ 'migplan.yaml': projectText(), 'manifests/a.yaml': migrationText('a') }, async (cwd) => {
      await chmod(join(cwd, 'manifests/a.yaml'), 0);
      expect(told(await loadProject({ cwd, env: {} }))).toEqual(['MP1012 manifests/a.yaml cannot be read: permission denied']);
    });
  });

  test.each([
    ['brackets', '['.repeat(50_000)],
    ['compact lists', '- '.repeat(5_000)],
    ['indentation', Array.from({ length: 1_200 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
  ])('too deep nesting is told and does not end the process: %s', async (_, text) => {
    const loaded = await loadFiles({ 'migplan.yaml': projectText(), 'manifests/a.yaml': text });
    expect(told(loaded)).toEqual(['MP1006 values are nested more than 100 levels deep']);
  });

  test('a %YAML 1.1 line would change what yes means, and is refused', async () => {
    const loaded = await loadFiles({
      'migplan.yaml': projectText(),
      'manifests/a.yaml': `%YAML 1.1\n---\n${migrationText('a', '  cbtSync: yes')}`,
    });
    expect(told(loaded)).toEqual(['MP1006 %YAML 1.1 is not supported: files are YAML 1.2']);
  });

  test('no manifests at all is an error', async () => {
    const loaded = await loadFiles({ 'migplan.yaml': projectText() });
    expect(loaded.diagnostics.map(({ code, severity }) => [code, severity])).toEqual([['MP1014', 'error']]);
  });

  test.each([
    ['manifests/*.yaml', 'manifests/b.yml'],
    ['manifests/**/*.yml', 'manifests/deep/b.yaml'],
  ])('a manifest that %s misses only by its ending is told: %s', async (pattern, missed) => {
    const [project, a] = [
      projectText(`  include: ['${pattern}']`),
      pattern.endsWith('yml') ? 'manifests/a.yml' : 'manifests/a.yaml',
    ];
    const files = { [a]: migrationText('a'), [missed]: migrationText('b') };
    const loaded = await loadFiles({ 'migplan.yaml': project, ...files });
    expect(loaded.migrations.map(({ name }) => name)).toEqual(['a']);
    expect(loaded.diagnostics).toMatchObject([
      { code: 'MP1036', severity: 'warning', detail: expect.stringContaining(missed), source: { file: 'migplan.yaml' } },
    ]);
    const both = projectText(`  include: ['${pattern}', ${missed}]`);
    expect((await loadFiles({ 'migplan.yaml': both, ...files })).diagnostics).toEqual([]);
  });

  test('a file without a Project document: manifests are still checked', async () => {
    const loaded = await loadFiles({ 'migplan.yaml': '# empty\n', 'manifests/a.yaml': migrationText('a', '  phase: x') });
    expect(loaded.diagnostics.map(({ code }) => code)).toEqual(['MP1013', 'MP1005']);
  });
});

describe('what is wrong in one place does not hide what is right in another', () => {
  test('a wrong manifest', async () => {
    const files = {
      'migplan.yaml': projectText(),
      'manifests/a.yaml': migrationText('a', '  phase: x'),
      'manifests/b.yaml': migrationText('b'),
    };
    const loaded = await loadFiles(files);
    expect(loaded.project?.name).toBe('test');
    expect(loaded.migrations.map(({ name }) => name)).toEqual(['b']);
  });

  test('a wrong provider: manifests are completed and checked', async () => {
    const project = projectText().replace('server: vc.example.com, ', '');
    const loaded = await loadSpec('  window: nope', project);
    expect(loaded.project).toBeUndefined();
    expect(loaded.diagnostics.map(({ code }) => code)).toEqual(['MP1003', 'MP1005']);
    expect((await loadSpec('', project)).migrations).toHaveLength(1);
  });

  test('a wrong window: who uses it is not returned, and it is told once', async () => {
    const project = projectText('  windows: {nightly: {cron: "0 22 * *", duration: 6h, timezone: UTC}}');
    const loaded = await loadSpec('  window: nightly', project);
    expect(loaded.diagnostics.map(({ code }) => code)).toEqual(['MP1018']);
    expect(loaded.migrations).toEqual([]);
  });

  test('defaults that are wrong complete no manifest', async () => {
    const loaded = await loadSpec('', projectText('  defaults: {window: 5}'));
    expect(loaded.diagnostics.map(({ code }) => code)).toEqual(['MP1004']);
    expect(loaded.migrations).toEqual([]);
  });
});

describe('defaults', () => {
  const project = projectText(`  windows: {nightly: {cron: "0 22 * * *", duration: 6h, timezone: UTC}}
  defaults:
    target: {volumeType: ssd, server: {flavor: small, networks: [a, b], securityGroups: [x]}}
    limits: {delta: 10GiB, downtime: 20m}
    window: nightly
    phase: sync`);

  test('fill what a manifest leaves out, wherever it stands', async () => {
    const { migrations } = await loadSpec('', project);
    expect(migrations[0]).toMatchObject({
      phase: 'sync',
      target: { provider: 'cloud', volumeType: 'ssd', server: { name: 'web01', flavor: 'small' } },
      limits: { deltaBytes: 10 * 2 ** 30, downtimeSeconds: 1200 },
      window: { kind: 'cron', name: 'nightly' },
    });
    expect(migrations[0]?.ranges['spec.limits.delta']).toMatchObject({ file: 'migplan.yaml', start: { line: 11 } });
    expect(migrations[0]?.ranges['spec.source.vm']).toMatchObject({ file: 'manifests/vm.yaml', start: { line: 5 } });
  });

  test('are merged into objects; lists and the window are replaced; null removes', async () => {
    const spec = `  limits: {delta: null}
  window: {start: 2026-11-22T22:00:00+01:00, end: 2026-11-22T23:00:00Z}`;
    const { migrations, diagnostics } = await loadSpec(spec, project.replace('volumeType: ssd, ', ''));
    expect(diagnostics).toEqual([]);
    expect(migrations[0]?.limits).toEqual({ downtimeSeconds: 1200 });
    expect(migrations[0]?.window).toEqual({ kind: 'once', start: '2026-11-22T21:00:00.000Z', end: '2026-11-22T23:00:00.000Z' });
    const other = await loadFiles({
      'migplan.yaml': project,
      'manifests/a.yaml': migrationText('a', '  window: null').replace(
        '{provider: cloud}',
        '{provider: cloud, server: {networks: [c]}, volumeType: null}',
      ),
    });
    expect(other.migrations[0]?.window).toBeUndefined();
    expect(other.migrations[0]?.target).toMatchObject({
      server: { flavor: 'small', networks: [{ network: 'c', mac: 'keep' }], securityGroups: ['x'] },
    });
    expect(other.migrations[0]?.target).not.toHaveProperty('volumeType');
  });

  test('one window in place is replaced by another, not mixed with it', async () => {
    const inPlace = projectText('  defaults: {window: {cron: "0 22 * * *", duration: 6h, timezone: UTC}}');
    const { migrations, diagnostics } = await loadSpec('  window: {start: 2026-11-22T22:00Z, end: 2026-11-22T23:00Z}', inPlace);
    expect(diagnostics).toEqual([]);
    expect(migrations[0]?.window?.kind).toBe('once');
  });

  test('that contradict a manifest are named with file and line', async () => {
    const { diagnostics } = await loadSpec('  cutover: true', project);
    expect(told({ diagnostics })).toEqual([
      'MP1010 cutover: true (line 7) contradicts phase: sync (migplan.yaml line 13): phase sync never shuts down or converts the guest',
    ]);
    expect(diagnostics[0]).toMatchObject({
      address: 'vm/web01',
      source: { file: 'manifests/vm.yaml' },
      related: { source: { file: 'migplan.yaml' } },
    });
  });
});

describe('the same VM twice', () => {
  test('through two providers with the same server', async () => {
    const vc = '{type: vmware, server: VC.example.com, user: u, password: "env:P", reader: {type: vddk, libdir: x}}';
    const project = projectText(`    vc2: ${vc}`);
    const second = migrationText('b').replace('provider: vc, vm: /DC1/vm/b', 'provider: vc2, vm: /DC1/vm/a');
    const loaded = await loadFiles({
      'migplan.yaml': project,
      'manifests/a.yaml': migrationText('a'),
      'manifests/b.yaml': second,
    });
    expect(told(loaded)).toEqual(['MP1017 "/DC1/vm/a" is already migrated by a in manifests/a.yaml line 5']);
    expect(loaded.migrations.map(({ name }) => name)).toEqual(['a']);
  });

  test('an instance UUID in other letters is the same', async () => {
    const uuid = '502e8c0a-3e1f-4d6b-9f0c-0a1b2c3d4e5f';
    const by = (name: string, id: string) => migrationText(name).replace(`vm: /DC1/vm/${name}`, `instanceUuid: ${id}`);
    const loaded = await loadFiles({
      'migplan.yaml': projectText(),
      'manifests/all.yaml': `${by('a', uuid)}\n---\n${by('b', uuid.toUpperCase())}`,
    });
    expect(loaded.diagnostics.map(({ code }) => code)).toEqual(['MP1017']);
  });
});

describe('configDigest', () => {
  const digest = async (project: string, manifest: string): Promise<string> =>
    (await loadFiles({ 'migplan.yaml': project, 'manifests/vm.yaml': manifest })).configDigest;
  const plain = () => digest(projectText(), migrationText('a'));

  test('does not depend on comments, the folder, file names or where secrets are', async () => {
    const same = [
      await plain(),
      await digest(`# note\n${projectText()}`, `# note\n\n${migrationText('a')}`),
      await digest(projectText().replace('env:VC_PASSWORD', 'file:/run/pw'), migrationText('a')),
      (await loadFiles({ 'migplan.yaml': `${projectText()}\n---\n${migrationText('a')}`, 'manifests/x.yaml': '' })).configDigest,
      await digest(projectText('  defaults: {verify: sample}'), migrationText('a')),
    ];
    expect(new Set(same).size).toBe(1);
  });

  test('depends on what is asked for', async () => {
    const different = [
      await plain(),
      await digest(projectText().replace('vc.example.com', 'vc2.example.com'), migrationText('a')),
      await digest(projectText(), migrationText('b')),
      await digest(projectText('  defaults: {verify: full}'), migrationText('a')),
    ];
    expect(new Set(different).size).toBe(different.length);
  });
});

test('files are hashed as they are', async () => {
  const { files } = await loadFiles({ 'migplan.yaml': projectText(), 'manifests/a.yaml': '' });
  expect(files[1]).toEqual({
    path: 'manifests/a.yaml',
    sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  });
});

test('columns and byte offsets are right behind letters that are not ASCII', async () => {
  const text = `# größe 🦊\n${migrationText('a', '  phase: x')}`;
  const { diagnostics } = await loadFiles({ 'migplan.yaml': projectText(), 'manifests/a.yaml': text });
  const { start, end } = diagnostics[0]!.source!;
  expect(Buffer.from(text).subarray(start.offset, end.offset).toString()).toBe('x');
  expect(start).toMatchObject({ line: 8, column: 10 });
});

describe('how a conversion host is reached by ssh', () => {
  test.each([
    ['user: root', 'MP1003 7:'],
    ['host: root@conv1', 'MP1018 7:74 '],
    ['host: -oProxyCommand=reboot', 'MP1018 7:74 '],
    ['host: "conv1;reboot"', 'MP1018 7:74 '],
    ['host: conv1, user: "$(reboot)"', 'MP1018 7:87 '],
    ['host: conv1, port: 70000', 'MP1018 7:87 '],
    ['host: conv1, port: ssh', 'MP1004 7:87 '],
    ['host: conv1, identity: key', 'MP1002 7:81 '],
    ['host: conv1, sudo: root', 'MP1007 7:87 '],
  ])('%s is told at its place', async (ssh, expected) => {
    const project = projectText().replace('{type: cinder}', `{type: nova, server: c, ssh: {${ssh}}}`);
    const { diagnostics } = await loadFiles({ 'migplan.yaml': project, 'manifests/a.yaml': migrationText('a') });
    const [first, ...others] = diagnostics.map(({ code, source, detail }) => {
      const { line, column } = source!.start;
      return `${code} ${line}:${column} ${detail}`;
    });
    expect(others).toEqual([]);
    expect(first).toContain(expected);
  });
});
