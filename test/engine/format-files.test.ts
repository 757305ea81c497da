import { chmod, link, lstat, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatFiles } from '../../src/engine/format-files.js';
import { ChangedMeanwhile, rewriteFile } from '../../src/host/rewrite-file.js';
import { inFolder, migrationText, projectText } from '../manifest/in-folder.js';

const untidy = migrationText('web01', '  phase:   seed   # for now\n');
const tidy = migrationText('web01', '  phase: seed # for now\n');
const project = {
  'migplan.yaml': projectText().replace(/^ {4}vc:.*$/m, '    vc: {type: vmware}'),
  'manifests/a.yaml': untidy,
  'manifests/b.yaml': tidy,
};
const format = (folder: string, more: { files?: string[]; writes?: boolean } = {}) =>
  formatFiles({ folder, writes: true, env: {}, ...more });

describe('files are laid out anew', () => {
  test('all of the project that are not yet; a second time none', () =>
    inFolder(project, async (folder) => {
      const { reformatted, diagnostics } = await format(folder);
      expect(diagnostics).toEqual([]);
      expect(reformatted.map(({ path }) => path)).toEqual(['manifests/a.yaml']);
      expect(await readFile(join(folder, 'manifests/a.yaml'), 'utf8')).toBe(tidy);
      expect((await format(folder)).reformatted).toEqual([]);
      expect(await readdir(join(folder, 'manifests'))).toEqual(['a.yaml', 'b.yaml']);
    }));

  test('nothing is written when it is only looked at', () =>
    inFolder(project, async (folder) => {
      const { reformatted } = await format(folder, { writes: false });
      expect(reformatted.map(({ path }) => path)).toEqual(['manifests/a.yaml']);
      expect(await readFile(join(folder, 'manifests/a.yaml'), 'utf8')).toBe(untidy);
    }));

  test('only those that are named, each once', () =>
    inFolder({ ...project, 'other.yml': untidy, 'prod.yaml': 'kind:   Overlay\n' }, async (folder) => {
      const { reformatted } = await format(folder, { files: ['other.yml', 'other.yml', 'manifests/b.yaml', 'prod.yaml'] });
      expect(reformatted.map(({ path }) => path)).toEqual(['other.yml', 'prod.yaml']);
      expect(await readFile(join(folder, 'manifests/a.yaml'), 'utf8')).toBe(untidy);
    }));

  test('one with an error is left alone and told; the others are done', () =>
    inFolder({ ...project, 'manifests/c.yaml': 'a:   [\n', 'manifests/d.yaml': 'kind: Pod\n' }, async (folder) => {
      const { reformatted, diagnostics } = await format(folder);
      expect(reformatted.map(({ path }) => path)).toEqual(['manifests/a.yaml']);
      expect(diagnostics.map(({ code, source }) => `${code} ${source?.file}`)).toEqual([
        'MP1006 manifests/c.yaml',
        'MP1008 manifests/d.yaml',
        'MP1008 manifests/d.yaml',
      ]);
      expect(await readFile(join(folder, 'manifests/c.yaml'), 'utf8')).toBe('a:   [\n');
    }));

  test('what a project includes and cannot be read is told, and makes the run fail', () =>
    inFolder(project, async (folder) => {
      await symlink('/dev/null', join(folder, 'manifests/c.yaml'));
      await mkdir(join(folder, 'manifests/d.yaml'));
      for (const writes of [false, true]) {
        const { diagnostics } = await format(folder, { writes });
        expect(diagnostics.map(({ code, severity, detail }) => `${code} ${severity} ${detail}`)).toEqual([
          'MP1012 error manifests/c.yaml cannot be read: it is a link that leads out of the project folder, where a review does not see it',
        ]);
      }
    }));

  test('files that cannot be read are told: missing, a folder, no text', () =>
    inFolder({ 'x.yaml': Buffer.from([0xff, 0xfe, 0x61]) }, async (folder) => {
      await mkdir(join(folder, 'sub'));
      const { diagnostics } = await format(folder, { files: ['none.yaml', 'sub', 'x.yaml'] });
      expect(diagnostics.map(({ code, detail }) => `${code} ${detail}`)).toEqual([
        'MP1012 none.yaml cannot be read: there is no such file',
        'MP1012 sub cannot be read: it is a folder',
        'MP1012 x.yaml cannot be read: it is not UTF-8 text',
      ]);
    }));

  test('without a project there is nothing to do, which is an error', () =>
    inFolder({}, async (folder) => {
      expect((await format(folder)).diagnostics).toMatchObject([{ code: 'MP1013' }]);
    }));

  test('what cannot be laid out without a loss is a warning', () =>
    inFolder({ 'x.yaml': tidy.replace('# for now', '# for\u0007 now') }, async (folder) => {
      const before = await readFile(join(folder, 'x.yaml'));
      const { diagnostics, reformatted } = await format(folder, { files: ['x.yaml'] });
      expect(reformatted).toEqual([]);
      expect(diagnostics.map(({ severity, code }) => [severity, code])).toEqual([['warning', 'MP1041']]);
      expect(Buffer.compare(before, await readFile(join(folder, 'x.yaml')))).toBe(0);
    }));
});

describe('a file of somebody else is replaced as a whole', () => {
  test('mode and owner stay, a link stays a link', () =>
    inFolder({ 'real/vm.yaml': 'old' }, async (folder) => {
      const path = join(folder, 'real/vm.yaml');
      await chmod(path, 0o640);
      await symlink('real/vm.yaml', join(folder, 'link.yaml'));
      const before = await stat(path);
      await rewriteFile(join(folder, 'link.yaml'), Buffer.from('old'), 'new');
      expect(await readFile(path, 'utf8')).toBe('new');
      expect((await lstat(join(folder, 'link.yaml'))).isSymbolicLink()).toBe(true);
      const { mode, uid, gid } = await stat(path);
      expect([mode, uid, gid]).toEqual([before.mode, before.uid, before.gid]);
      expect(await readdir(join(folder, 'real'))).toEqual(['vm.yaml']);
    }));

  test('what was changed meanwhile is left alone, longer or as long', () =>
    inFolder({ 'a.yaml': 'somebody', 'b.yaml': 'new!' }, async (folder) => {
      for (const name of ['a.yaml', 'b.yaml'])
        await expect(rewriteFile(join(folder, name), Buffer.from('read'), 'x')).rejects.toBeInstanceOf(ChangedMeanwhile);
      expect(await readFile(join(folder, 'a.yaml'), 'utf8')).toBe('somebody');
      expect(await readdir(folder)).toEqual(['a.yaml', 'b.yaml']);
    }));

  test('somebody who reads it through another name keeps the old one, whole', () =>
    inFolder({ 'a.yaml': 'old' }, async (folder) => {
      await link(join(folder, 'a.yaml'), join(folder, 'hard.yaml'));
      await rewriteFile(join(folder, 'a.yaml'), Buffer.from('old'), 'new');
      expect(await readFile(join(folder, 'hard.yaml'), 'utf8')).toBe('old');
    }));

  test('by a user who may not write it, or its folder, nothing is', async () => {
    const isRoot = process.geteuid!() === 0;
    await inFolder({ 'a.yaml': 'old', 'shut/b.yaml': 'old' }, async (folder) => {
      await chmod(folder, 0o777);
      await chmod(join(folder, 'a.yaml'), 0o444);
      await chmod(join(folder, 'shut/b.yaml'), 0o666);
      await chmod(join(folder, 'shut'), 0o555);
      if (isRoot) process.seteuid!(65534);
      try {
        for (const name of ['a.yaml', 'shut/b.yaml'])
          await expect(rewriteFile(join(folder, name), Buffer.from('old'), 'new')).rejects.toMatchObject({
            code: expect.stringMatching(/^(EACCES|EPERM)$/),
          });
      } finally {
        if (isRoot) process.seteuid!(0);
      }
      expect(await readFile(join(folder, 'a.yaml'), 'utf8')).toBe('old');
      await chmod(join(folder, 'shut'), 0o755);
      await rm(join(folder, 'shut'), { recursive: true });
      await writeFile(join(folder, 'done'), '');
    });
  });
});
