import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../eventually.js';
import { type Compiled, compileSources, processesWith } from '../host/compiled.js';
import { KiB, pattern } from './disks.js';

const SIZE = 1024 * KiB;

let compiled: Compiled;
let folder: string;
beforeAll(async () => {
  compiled = await compileSources('transfer');
  folder = await mkdtemp(join(tmpdir(), 'death-'));
  await writeFile(join(folder, 'source'), pattern(SIZE, 1));
  await writeFile(join(folder, 'target'), pattern(SIZE, 2));
});
afterAll(async () => {
  await compiled[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** A process that copies one extent so slowly that it can be killed in the middle. */
const script = () => `
import { mkdir } from 'node:fs/promises';
import { openDataPlane } from '${compiled.url('transfer/index.js')}';
import { systemClock } from '${compiled.url('host/clock.js')}';
const folder = ${JSON.stringify(folder)};
await mkdir(folder + '/run', { recursive: true });
const plane = openDataPlane({ runFolder: folder + '/run', clock: systemClock });
const reader = { program: folder + '/slow-nbdkit', plugin: 'file', args: ['file=' + folder + '/source'], secrets: [], requestBytesMax: 65536, connections: 1 };
const source = await plane.openSource(reader, ${SIZE});
const target = await plane.openTarget({ driver: 'file', path: folder + '/target' }, ${SIZE});
await plane.copy({ source, target, extents: [{ offset: 0, length: ${SIZE} }], skipZeroes: false, requestBytesMax: 65536, connections: 1, onProgress: () => {} });
`;

test('kill -9 in the middle of a copy leaves no nbdkit, no nbdcopy and no qemu-storage-daemon', async () => {
  await writeFile(join(folder, 'slow-nbdkit'), '#!/bin/sh\nexec nbdkit --filter=delay "$@" rdelay=60\n', { mode: 0o755 });
  const node = spawn(process.execPath, ['--input-type=module', '-e', script()], { stdio: ['ignore', 'inherit', 'inherit'] });
  const mark = join(folder, 'run');
  const running = async () => (await processesWith(mark)).map(({ command }) => command).join('\n');
  await eventually(async () => expect(await running()).toMatch(/nbdcopy --/));
  const before = await running();
  expect(before).toMatch(/nbdkit .*--foreground/);
  expect(before).toMatch(/qemu-storage-daemon --blockdev/);
  node.kill('SIGKILL');
  await eventually(async () => expect(await running()).toBe(''));
});
