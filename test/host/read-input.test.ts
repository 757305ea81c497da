import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readInput } from '../../src/host/read-input.js';

const bytesMax = 2 ** 20;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'read-input-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function written(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

describe('a file is read whole', () => {
  test.each([0, 1, 4095, 4096, 4097, 65_536, 200_000])('of %i bytes', async (length) => {
    const content = Buffer.from(Array.from({ length }, (_, index) => index % 251));
    expect(await readInput(await written(`of-${length}`, content), { bytesMax })).toEqual(content);
  });

  test('that is longer than it says', async () => {
    expect((await readInput('/proc/self/status', { bytesMax })).toString()).toMatch(/^Name:\t[\s\S]*\n$/);
  });
});

test('never more than the limit, whatever its size is said to be', async () => {
  await expect(readInput('/proc/self/status', { bytesMax: 100 })).rejects.toThrow('it has more, and at most 100 are read');
  await expect(readInput(await written('long', 'x'.repeat(101)), { bytesMax: 100 })).rejects.toThrow('it has 101 bytes');
});

test('many short files at once take little memory', async () => {
  const path = await written('short', 'x'.repeat(200));
  const before = process.memoryUsage().arrayBuffers;
  const read = await Promise.all(Array.from({ length: 300 }, () => readInput(path, { bytesMax })));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5 * 2 ** 20);
  expect(read.every(({ length }) => length === 200)).toBe(true);
});
