import type { SourceBlock, TargetBlock } from '../providers/provider.js';
import { type NbdServer, serverFiles, startServer, type TransferContext } from './nbd-server.js';

/**
 * How qemu-storage-daemon opens a volume. A flush of the client becomes a flush of the device in every case. Block devices
 * bypass the page cache, so that written data do not push everything else out; files may lie on a file system without O_DIRECT.
 */
export function blockdev(block: TargetBlock): Record<string, unknown> {
  const common = { 'node-name': 'volume', discard: 'unmap' };
  switch (block.driver) {
    case 'file':
      return { driver: 'file', filename: block.path, aio: 'threads', ...common };
    case 'host_device':
      return { driver: 'host_device', filename: block.path, aio: 'native', cache: { direct: true }, ...common };
    case 'rbd':
      return { driver: 'rbd', pool: block.pool, image: block.image, conf: block.conf, user: block.user, ...common };
  }
}

export const exporterArgs = (block: TargetBlock, files: { socket: string; pidFile: string }): string[] => [
  '--blockdev',
  JSON.stringify(blockdev(block)),
  '--nbd-server',
  `addr.type=unix,addr.path=${files.socket.replaceAll(',', ',,')}`,
  '--export',
  'type=nbd,id=volume,node-name=volume,name=,writable=on',
  '--pidfile',
  files.pidFile,
];

/** Exports a volume for writing. It lets several connections write and flush; the server flushes when it is closed. */
export async function startVolumeExport(block: TargetBlock, context: TransferContext): Promise<NbdServer> {
  const files = serverFiles(context, 'volume');
  const program = await context.programs.path('qemu-storage-daemon');
  return startServer({ program, args: exporterArgs(block, files) }, files, context.clock);
}

const packages = [
  'On Debian or Ubuntu: apt-get install qemu-block-extra',
  'On Fedora or RHEL: dnf install qemu-block-rbd (RHEL: qemu-kvm-block-rbd)',
];

/** What to do when opening failed. */
export function exporterNextSteps(block: TargetBlock | SourceBlock): string[] {
  if (block.driver !== 'rbd') return [`Check that ${block.path} is there, can be opened and is not in use`];
  return [`Check ${block.conf} and the keyring of client.${block.user}: rbd info ${block.pool}/${block.image}`, ...packages];
}
