import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ProgramFinder } from '../../src/host/program.js';
import { needsPreflight } from '../../src/transfer/index.js';
import { requireRate } from '../../src/transfer/rate-file.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rate-'));
});
afterAll(() => rm(folder, { recursive: true }));

// What nbdkit 1.32 with its rate filter was seen to do with each: those that are refused had no effect but a line in its log.
describe('the file with the rate', () => {
  test.each(['80M', '80M\n', '800000000', '1g\n', '', '\n'])('%j is taken', async (text) => {
    const path = join(folder, 'rate');
    await writeFile(path, text);
    await expect(requireRate(path)).resolves.toBeUndefined();
  });
  test.each(['800Mbit', '80 M', '80M ', '40MB', '10MiB', 'fast', '-1'])(
    '%j is refused, as it would be no limit',
    async (text) => {
      const path = join(folder, 'rate');
      await writeFile(path, text);
      await expect(requireRate(path)).rejects.toThrow(/\(limits\.rateFile\) says ".*", which is no rate and would be no limit/);
    },
  );
  test('it is looked at before anything is touched, where nbdkit is used', async () => {
    const path = join(folder, 'rate');
    await writeFile(path, '10MiB');
    const look = needsPreflight(new ProgramFinder(), async () => folder, path);
    const library = { folder: '/none', name: 'libvixDiskLib.so' };
    const plugin = { kind: 'plugin', program: '/none/nbdkit', plugin: 'vddk', args: [], library } as const;
    expect((await look([plugin])).map(({ code }) => code)).toContain('MP1018');
    expect(await look([{ kind: 'folder', path: folder }])).toEqual([]);
    await writeFile(path, '80M');
    expect((await look([plugin])).map(({ code }) => code)).not.toContain('MP1018');
  });
  test('one that is not there sets none; one that cannot be read is refused', async () => {
    await expect(requireRate(join(folder, 'none'))).resolves.toBeUndefined();
    await expect(requireRate(folder)).rejects.toThrow('cannot be read: it is a folder');
  });
});
