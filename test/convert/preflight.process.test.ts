import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { conversionPreflight } from '../../src/convert/preflight.js';

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
    'warning: no virtio drivers for Windows in /virtio-win: Windows guests would run on emulated IDE and rtl8139',
    'error: neither rhsrvany.exe nor pvvxsvc.exe is in /virt-tools: Windows guests with VMware Tools cannot be converted',
  ]);
  await mkdir(join(folder, 'virtio-win'));
  await mkdir(join(folder, 'virt-tools'));
  await writeFile(join(folder, 'virt-tools', 'pvvxsvc.exe'), '');
  expect(await check(true)).toEqual([]);
});
