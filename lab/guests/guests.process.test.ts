import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { patternBlock } from './data-disk.js';
import { makeDataDisk, makeWindowsDisk } from './make.js';
import { registryHive } from './registry-hive.js';

const run = promisify(execFile);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guests-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a hive is read back by hivex: order, depth, every kind of value', async () => {
  const hive = join(folder, 'hive');
  const values = {
    number: 258,
    text: 'C:\\Program Files',
    expand: { expand: '%SystemRoot%\\inf' },
    multi: { multi: ['a', 'bc'] },
    long: new Uint8Array(5000).fill(7),
  };
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`Key${i}`, { values: { i } }]));
  await writeFile(hive, registryHive({ keys: { zeta: {}, Alpha: { keys: { Deep: { values } } }, many: { keys: many } } }));
  const { stdout } = await run('hivexregedit', ['--export', hive, '\\']);
  const keys = [...stdout.matchAll(/^\[(.*)\]/gm)].map((match) => match[1]);
  expect(keys).toHaveLength(65);
  expect(keys.slice(0, 4)).toEqual(['\\', '\\Alpha', '\\Alpha\\Deep', '\\many']);
  const utf16 = (text: string) => [...Buffer.from(text, 'utf16le')].map((byte) => byte.toString(16).padStart(2, '0')).join(',');
  const deep = stdout.slice(stdout.indexOf('[\\Alpha\\Deep]'), stdout.indexOf('[\\many]'));
  expect(deep).toContain('"number"=dword:00000102');
  expect(deep).toContain(`"text"=hex(1):${utf16('C:\\Program Files\0')}`);
  expect(deep).toContain(`"expand"=hex(2):${utf16('%SystemRoot%\\inf\0')}`);
  expect(deep).toContain(`"multi"=hex(7):${utf16('a\0bc\0\0')}`);
  expect(deep).toContain(`"long"=hex(3):${Array(5000).fill('07').join(',')}`);
  expect(stdout).toContain('[\\many\\Key59]\n"i"=dword:0000003b');
});

test('a Windows disk has one NTFS partition; hibernation shows in it', async () => {
  const path = join(folder, 'disk');
  await makeWindowsDisk(path, { bytes: 64 * 2 ** 20, hibernated: true });
  expect((await stat(path)).size).toBe(64 * 2 ** 20);
  const disk = await readFile(path);
  expect(disk.subarray(510, 512).toString('hex')).toBe('55aa');
  const start = disk.readUInt32LE(454) * 512;
  expect(disk.subarray(start + 3, start + 7).toString()).toBe('NTFS');
  expect(disk.includes('hibr')).toBe(true);
});

test('a data disk is sparse and known from its seed', async () => {
  const path = join(folder, 'disk');
  await makeDataDisk(path, { bytes: 2 ** 20, seed: 5 });
  const disk = await readFile(path);
  expect(disk.subarray(8 * 65_536, 9 * 65_536).equals(patternBlock(5, 8))).toBe(true);
  expect(disk.subarray(2 * 65_536, 8 * 65_536).every((byte) => byte === 0)).toBe(true);
  expect((await stat(path)).blocks * 512).toBeLessThan(2 ** 19);
});
