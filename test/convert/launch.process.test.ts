import { chmod, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ConversionJob, Converter } from '../../src/contracts/converter.js';
import { openConverter } from '../../src/convert/index.js';
import { systemClock } from '../../src/host/clock.js';
import { ProgramFinder } from '../../src/host/program.js';
import { openRunFolder, type RunFolder } from '../../src/host/run-folder.js';
import { diskKey } from '../../src/model/ids.js';
import { openDataPlane } from '../../src/transfer/index.js';

// A stand-in for virt-v2v-in-place on a machine whose KVM does not work: what it does without emulation is given.
const BYTES = 2 ** 20;
const LAUNCH_FAILED = '{"type":"error","message":"libguestfs error: guestfs_launch failed."}';

let folder: string;
let run: RunFolder;
let plane: ReturnType<typeof openDataPlane>;
let job: ConversionJob;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'launch-'));
  run = await openRunFolder();
  plane = openDataPlane({ runFolder: run.path, clock: systemClock });
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'volume'), '');
  await truncate(join(folder, 'volume'), BYTES);
  const endpoint = await plane.openTarget({ driver: 'file', path: join(folder, 'volume') }, BYTES);
  const disks = [{ key: diskKey(2000), endpoint, overlay: join(folder, 'overlay') }];
  job = { name: 'guest', firmware: 'bios', guestFamily: 'linux', root: '/dev/sda1', disks, folder: join(folder, 'work') };
});
afterEach(async () => {
  await plane[Symbol.asyncDispose]();
  await run[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** What starts does so within this, and what runs says so: on a busy machine, too. */
const LAUNCH_TIMEOUT_MS = 5000;

async function converterWhere(unlessEmulated: string, whenEmulated = ''): Promise<Converter> {
  const script = `#!/bin/sh
[ "$1" = --version ] && { echo virt-v2v-in-place 2.2.0; exit; }
echo "\${LIBGUESTFS_BACKEND_SETTINGS:-default}" >> ${folder}/tries
echo '{"type":"message","message":"Opening the source"}'
case $LIBGUESTFS_BACKEND_SETTINGS in force_tcg) ${whenEmulated} ;; *) ${unlessEmulated} ;; esac
echo '{"type":"message","message":"Inspecting the source"}'
printf '{"type":"info","message":"This guest has virtio drivers installed."}'
`.replace(') ;;', ') true ;;');
  // As guestfish does: only what is asked to be said is said.
  const fish = `#!/bin/sh
[ "$1" = --version ] && { echo guestfish 1.48.6; exit; }
while read -r word rest; do [ "$word" = echo ] && echo "$rest"; done
`;
  await writeFile(join(folder, 'bin/guestfish'), fish);
  await chmod(join(folder, 'bin/guestfish'), 0o755);
  await writeFile(join(folder, 'bin/virt-v2v-in-place'), script);
  await chmod(join(folder, 'bin/virt-v2v-in-place'), 0o755);
  const programs = new ProgramFinder(`${folder}/bin:${process.env['PATH']}`);
  return openConverter({ programs, env: { LIBGUESTFS_BACKEND_SETTINGS: '' }, launchTimeoutMs: LAUNCH_TIMEOUT_MS });
}

const tries = async () => (await readFile(join(folder, 'tries'), 'utf8')).trim().split('\n');
const nothing = { key: 2000, bios: false, efi: false, encrypted: [], windows: [] };
const good = {
  disk: 'virtio',
  network: 'virtio',
  firmware: 'any',
  warnings: [],
  guest: { disks: [nothing], systems: [] },
};

describe('an appliance that starts only under emulation', () => {
  test.each([
    ['fails', `{ echo '${LAUNCH_FAILED}'; exit 1; }`],
    ['hangs', 'exec sleep 60'],
  ])('%s: emulation is tried, and remembered for the next guest', async (_how, unlessEmulated) => {
    const converter = await converterWhere(unlessEmulated);
    expect(await converter.convert(job)).toEqual(good);
    expect(await converter.convert(job)).toEqual(good);
    expect(await tries()).toEqual(['default', 'force_tcg', 'force_tcg']);
  });
});

test('an appliance that never starts is told, with what to do', async () => {
  const failing = `{ echo '${LAUNCH_FAILED}'; exit 1; }`;
  const converter = await converterWhere(failing, failing);
  await expect(converter.convert(job)).rejects.toMatchObject({
    details: { code: 'MP7001', nextSteps: [expect.stringContaining('libguestfs-test-tool')] },
  });
});

test('a guest that fails is not tried again', async () => {
  const converter = await converterWhere(`{ echo '{"type":"error","message":"no root device"}'; exit 1; }`);
  await expect(converter.convert(job)).rejects.toThrow('no root device');
  expect(await tries()).toEqual(['default']);
});

test('a machine that is slow once the appliance runs is waited for', async () => {
  const slow = `{ echo '{"type":"message","message":"Inspecting the source"}'; sleep ${LAUNCH_TIMEOUT_MS / 1000 + 1}; }`;
  expect(await (await converterWhere(slow)).convert(job)).toEqual(good);
  expect(await tries()).toEqual(['default']);
});
