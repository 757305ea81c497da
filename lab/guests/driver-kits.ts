import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { portableExecutable } from './portable-executable.js';

const drivers: Readonly<Record<string, string>> = {
  viostor: 'viostor',
  vioscsi: 'vioscsi',
  NetKVM: 'netkvm',
  Balloon: 'balloon',
  viorng: 'viorng',
};
const releases = ['2k16', '2k19', '2k22', 'w10', 'w11'];

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

/** A folder laid out like the virtio-win drivers, with stand-ins for files: what VIRTIO_WIN may name. */
export async function makeVirtioWin(folder: string): Promise<void> {
  for (const [driver, file] of Object.entries(drivers)) {
    for (const release of releases) {
      for (const extension of ['sys', 'inf', 'cat']) {
        await write(join(folder, driver, release, 'amd64', `${file}.${extension}`), `stand-in for ${file}.${extension}\n`);
      }
    }
  }
  await write(join(folder, 'guest-agent', 'qemu-ga-x86_64.msi'), 'stand-in for the guest agent\n');
}

/** A folder with stand-ins for the Windows programs that virt-v2v installs: what VIRT_TOOLS_DATA_DIR may name. */
export async function makeVirtTools(folder: string): Promise<void> {
  for (const program of ['rhsrvany.exe', 'pnp_wait.exe']) await write(join(folder, program), portableExecutable('i386'));
}
