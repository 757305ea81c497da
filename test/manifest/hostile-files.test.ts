import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fitsSegment } from '../../src/manifest/explain/fits-segment.js';
import { manifestBytesMax, readManifest } from '../../src/manifest/files/read-manifest.js';
import { loadProject } from '../../src/manifest/load.js';
import { resolveSecret } from '../../src/manifest/project/secret-ref.js';
import { parseYaml } from '../../src/manifest/yaml/parse-yaml.js';
import { inFolder, migrationText, projectText } from './in-folder.js';

/** What a pull request adds to a project, and what is said of it; nothing of it may be waited for, or read for ever. */
const toldOf = (add: (folder: string) => Promise<unknown>, project = projectText()): Promise<string[]> =>
  inFolder({ 'migplan.yaml': project, 'manifests/a.yaml': migrationText('a') }, async (cwd) => {
    await add(cwd);
    const { diagnostics } = await loadProject({ cwd, env: {} });
    return diagnostics.map(({ code, detail }) => `${code} ${detail}`);
  });

const DEVICE = 'it is a device, pipe or socket, and only regular files are read';
const OUT = 'it is a link that leads out of the project folder, where a review does not see it';

describe('a manifest that is', () => {
  test.each([
    ['a link to /dev/zero', '/dev/zero', OUT],
    ['a link to a file of the system', '/etc/passwd', OUT],
    ['a link to the folder above', '../../', OUT],
  ])('%s is not read', async (_name, target, why) => {
    const told = await toldOf((folder) => symlink(target, join(folder, 'manifests/evil.yaml')));
    expect(told.filter((line) => !line.startsWith('MP1012 manifests/evil.yaml cannot be read: '))).toEqual([]);
    if (target !== '../../') expect(told).toEqual([`MP1012 manifests/evil.yaml cannot be read: ${why}`]);
  });

  test('a pipe is not waited for', async () => {
    const told = await toldOf(async (folder) => execFileSync('/usr/bin/mkfifo', [join(folder, 'real.pipe')]));
    expect(told).toEqual([]);
    const linked = await toldOf(async (folder) => {
      execFileSync('/usr/bin/mkfifo', [join(folder, 'real.pipe')]);
      await symlink('../real.pipe', join(folder, 'manifests/evil.yaml'));
    });
    expect(linked).toEqual([`MP1012 manifests/evil.yaml cannot be read: ${DEVICE}`]);
  });

  test('a link inside of the project is read', async () => {
    const told = await toldOf(async (folder) => {
      await mkdir(join(folder, 'common'));
      await writeFile(join(folder, 'common/b.yaml'), migrationText('b'));
      await symlink('../common/b.yaml', join(folder, 'manifests/b.yaml'));
    });
    expect(told).toEqual([]);
  });

  test.each<[string, (path: string) => unknown, RegExp]>([
    ['a folder', (path) => mkdir(path), /^Put a file in its place/],
    ['a pipe', (path) => execFileSync('/usr/bin/mkfifo', [path]), /^Write what it would give into a file/],
    ['a link out', (path) => symlink('/etc/passwd', path), /^Put the file itself there/],
    ['too long', (path) => writeFile(path, ' '.repeat(manifestBytesMax + 1)), /^Leave out what is not needed/],
    ['not there', () => undefined, /^Run: ls -l odd\.yaml$/],
  ])('%s: what to do fits that', (_name, make, step) =>
    inFolder({}, async (folder) => {
      await make(join(folder, 'odd.yaml'));
      const { diagnostics } = await readManifest(folder, 'odd.yaml');
      expect(diagnostics).toMatchObject([{ code: 'MP1012', nextSteps: [expect.stringMatching(step)] }]);
    }),
  );

  test('a project file that leads out is not read', async () => {
    const told = await inFolder({}, async (cwd) => {
      await symlink('/etc/passwd', join(cwd, 'migplan.yaml'));
      return (await loadProject({ cwd, env: {} })).diagnostics.map(({ code, detail }) => `${code} ${detail}`);
    });
    expect(told).toEqual([`MP1013 migplan.yaml cannot be read: ${OUT}`]);
  });
});

describe('a text that', () => {
  const details = (text: string): string[] =>
    parseYaml('a.yaml', text).diagnostics.map(({ code, detail }) => `${code} ${detail}`);

  test('has 4,000 aliases is refused before one is followed', () => {
    const text = `base: &b {x: 1}\nlist:\n${'  - *b\n'.repeat(4_000)}`;
    expect(details(text)).toEqual(['MP1006 aliases (*name) repeat too much data: at most 100 repetitions are read']);
  });

  test('has as many anchors as aliases, of which each is looked for in the whole text, is refused at once', () => {
    const text = Array.from({ length: 20_000 }, (_, at) => `- &x${at} ${at}\n- *x${at}\n`).join('');
    const began = process.cpuUsage();
    expect(details(text)).toEqual(['MP1006 aliases (*name) repeat too much data: at most 100 repetitions are read']);
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(5_000);
  });

  test('has many anchors and aliases is as well', () => {
    const text = Array.from({ length: 20_000 }, (_, at) => `a${at}: &x${at} {v: ${at}}\nb${at}: *x${at}\n`).join('');
    expect(details(text)).toHaveLength(1);
  });

  test('has a mapping of 100,000 keys is refused before they are compared', () => {
    const text = Array.from({ length: 100_000 }, (_, at) => `k${at}:\n`).join('');
    expect(details(text)).toEqual(['MP1006 a mapping has more than 2000 keys']);
  });

  test('is long, with many small documents, is read', () => {
    const { documents, diagnostics } = parseYaml(
      'a.yaml',
      Array.from({ length: 500 }, (_, at) => migrationText(`vm${at}`)).join('---\n'),
    );
    expect([documents.length, diagnostics]).toEqual([500, []]);
  });
});

describe('a pattern of include', () => {
  test('with `**/` thirty times finds what one finds', async () => {
    const folders = Array.from({ length: 12 }, (_, at) => `d${at}`).join('/');
    await inFolder(
      {
        'migplan.yaml': projectText(`  include: ["${'**/'.repeat(30)}*.yaml"]`),
        [`manifests/${folders}/a.yaml`]: migrationText('a'),
      },
      async (cwd) => {
        expect((await loadProject({ cwd, env: {} })).migrations.map(({ name }) => name)).toEqual(['a']);
      },
    );
  });

  test('with stars between names, in deep folders, comes to an end', async () => {
    const folders = Array.from({ length: 24 }, () => 'd').join('/');
    await inFolder(
      { 'migplan.yaml': projectText(`  include: ["${'**/d/'.repeat(12)}*.yaml"]`), [`${folders}/a.yaml`]: migrationText('a') },
      async (cwd) => {
        expect((await loadProject({ cwd, env: {} })).migrations.map(({ name }) => name)).toEqual(['a']);
      },
    );
  });

  test('that goes through links in circles is given up', async () => {
    const told = await toldOf(
      async (folder) => {
        await mkdir(join(folder, 'x'));
        for (let at = 0; at < 8; at++) await symlink('../x', join(folder, `x/l${at}`));
      },
      projectText(`  include: ["manifests/*.yaml", "x/${'*/'.repeat(12)}*.yaml"]`),
    );
    expect(told.some((line) => line.startsWith('MP1012 the search for manifests was given up after 20000 folders'))).toBe(true);
  });

  test.each([
    ['a.yaml', '*.yaml', true],
    ['a.yml', '*.yaml', false],
    ['ab', '?b', true],
    ['b', '?b', false],
    ['.git', '*', false],
    ['.git', '.*', true],
    ['a+b(c)[d]', 'a+b(c)[d]', true],
    ['', '*', true],
    ['aXbXc', 'a*b*c', true],
    ['aXbX', 'a*b*c', false],
    ['abab', '*ab', true],
    [`${'a'.repeat(255)}`, `${'*a'.repeat(120)}b`, false],
    ['x\ny', 'x*y', true],
  ])('%j fits %j: %s', (name, segment, expected) => {
    expect(fitsSegment(name, segment)).toBe(expected);
  });
});

test.each(['/dev/zero', '/dev/null'])('a secret in %s is none', async (path) => {
  const at = { line: 1, column: 1, offset: 0 };
  const source = { file: 'migplan.yaml', start: at, end: at };
  const answer = await resolveSecret({ kind: 'file', path, source }, {});
  expect('diagnostic' in answer && answer.diagnostic.code).toBe('MP1015');
});
