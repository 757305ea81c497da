import { chmod, mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ConversionDisk } from '../../src/contracts/converter.js';
import { openConverter } from '../../src/convert/index.js';
import { completeOverlay, createOverlay } from '../../src/convert/overlay.js';
import { systemClock } from '../../src/host/clock.js';
import { interruptible } from '../../src/host/interruption.js';
import { ProgramFinder } from '../../src/host/program.js';
import { ProgramTimeout } from '../../src/host/program-timeout.js';
import { openRunFolder } from '../../src/host/run-folder.js';
import { diskKey } from '../../src/model/ids.js';
import { openDataPlane } from '../../src/transfer/index.js';
import { processesWith } from '../host/compiled.js';

const BYTES = 2 ** 20;

/** A volume, and a qemu-img that stops at the word given, as before a storage that does not answer. */
async function stalling(word: string): Promise<{ folder: string; disk: ConversionDisk; programs: ProgramFinder }> {
  const folder = await mkdtemp(join(tmpdir(), 'overlay-'));
  const run = await openRunFolder();
  const plane = openDataPlane({ runFolder: run.path, clock: systemClock });
  onTestFinished(async () => {
    await plane[Symbol.asyncDispose]();
    await run[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
  await writeFile(join(folder, 'volume'), '');
  await truncate(join(folder, 'volume'), BYTES);
  await mkdir(join(folder, 'bin'));
  const qemuImg = await new ProgramFinder().path('qemu-img');
  await writeFile(join(folder, 'bin/qemu-img'), `#!/bin/sh\n[ "$1" = ${word} ] && exec sleep 607\nexec ${qemuImg} "$@"\n`);
  await chmod(join(folder, 'bin/qemu-img'), 0o755);
  const endpoint = await plane.openTarget({ driver: 'file', path: join(folder, 'volume') }, BYTES);
  const disk = { key: diskKey(2000), endpoint, overlay: join(folder, 'overlay') };
  return { folder, disk, programs: new ProgramFinder(`${folder}/bin:${process.env['PATH']}`) };
}

test('a merge that does not come to an end is stopped, and can be repeated', async () => {
  const { disk, programs } = await stalling('commit');
  await createOverlay(disk, programs);
  await completeOverlay(disk.overlay, programs);
  await expect(openConverter({ programs, commitTimeoutMs: 300 }).commit(disk)).rejects.toThrow(ProgramTimeout);
  expect(await processesWith('sleep 607')).toEqual([]);
  await openConverter().commit(disk);
});

test.each(['own', 'ambient'])('an interruption (%s signal) ends the making of overlays, and leaves none', async (whose) => {
  const { folder, disk, programs } = await stalling('create');
  const abort = new AbortController();
  const own = whose === 'own' ? { signal: abort.signal } : {};
  const job = { name: 'g', firmware: 'bios', guestFamily: 'linux', root: '/dev/sda1', disks: [disk], folder, ...own } as const;
  const converting = interruptible(whose === 'own' ? undefined : abort.signal, () => openConverter({ programs }).convert(job));
  setTimeout(() => abort.abort(), 300);
  await expect(converting).rejects.toMatchObject({ name: 'AbortError' });
  expect(await openConverter().hasOverlay(disk.overlay)).toBe(false);
});
