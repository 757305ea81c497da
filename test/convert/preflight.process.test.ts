import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeVirtioWin } from '../../lab/guests/make.js';
import { conversionPreflight, windowsPreflight } from '../../src/convert/preflight.js';
import type { WindowsGuest } from '../../src/convert/windows-drivers.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'preflight-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function check(windows: boolean): Promise<string[]> {
  const env = { VIRTIO_WIN: join(folder, 'virtio-win'), VIRT_TOOLS_DATA_DIR: join(folder, 'virt-tools') };
  const diagnostics = await conversionPreflight({ windows, env });
  return diagnostics.map(({ severity, detail }) => `${severity}: ${detail.replaceAll(folder, '')}`);
}

test('a Windows guest needs drivers and tools, another one does not', async () => {
  expect(await check(false)).toEqual([]);
  expect(await check(true)).toEqual([
    'warning: no virtio drivers for Windows in /virtio-win: Windows guests can be given emulated hardware only',
    'error: neither rhsrvany.exe nor pvvxsvc.exe is in /virt-tools: Windows guests with VMware Tools cannot be converted',
  ]);
  await makeVirtioWin(join(folder, 'virtio-win'));
  await mkdir(join(folder, 'virt-tools'));
  await writeFile(join(folder, 'virt-tools', 'pvvxsvc.exe'), '');
  expect(await check(true)).toEqual([]);
});

describe('one guest that is to be converted', () => {
  const virtio = { disk: 'virtio', network: 'virtio' } as const;
  const windows: WindowsGuest = {
    guestId: 'windows2019srv_64Guest',
    hardware: virtio,
  };

  async function problems(over: Partial<WindowsGuest>): Promise<string[]> {
    const env = { VIRTIO_WIN: join(folder, 'virtio-win'), VIRT_TOOLS_DATA_DIR: join(folder, 'virt-tools') };
    const found = await windowsPreflight({ ...windows, ...over }, env);
    return found.map(({ severity, code, detail }) => `${severity} ${code} ${detail.replaceAll(folder, '')}`);
  }

  beforeEach(async () => {
    await mkdir(join(folder, 'virt-tools'));
    await writeFile(join(folder, 'virt-tools', 'rhsrvany.exe'), '');
  });

  test('virtio-win is not installed: an error for Windows, unless it gets emulated hardware', async () => {
    expect(await problems({})).toEqual([
      'error MP2051 no virtio drivers for Windows in /virtio-win, and the server would give this guest virtio hardware',
    ]);
    expect(await problems({ hardware: { disk: 'emulated', network: 'virtio' } })).toHaveLength(1);
    expect(await problems({ hardware: { disk: 'emulated', network: 'emulated' } })).toEqual([]);
  });

  test('an empty folder holds no drivers', async () => {
    await mkdir(join(folder, 'virtio-win'));
    expect(await problems({})).toHaveLength(1);
  });

  test('virtio-win has drivers, and none for this Windows', async () => {
    await makeVirtioWin(join(folder, 'virtio-win'));
    expect(await problems({})).toEqual([]);
    expect(await problems({ guestId: 'windows2022srvNext_64Guest' })).toEqual([
      'error MP2051 the drivers in /virtio-win have none for this Windows (2k25, amd64), and the server would give it virtio hardware',
    ]);
    expect(await problems({ guestId: 'windows9Guest' }), 'drivers for 64 bits only').toHaveLength(1);
    // It may be 2012 or 2012 R2: nobody knows before virt-v2v looks.
    expect(await problems({ guestId: 'windows8Server64Guest' })).toEqual([]);
  });

  test('an image cannot be looked into: virt-v2v will say', async () => {
    await writeFile(join(folder, 'virtio-win'), 'an ISO image');
    expect(await problems({ guestId: 'windows2022srvNext_64Guest' })).toEqual([]);
  });
});
