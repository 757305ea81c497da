import type { SourceBlock } from '../contracts/disk-reader.js';
import { type NbdServer, startServer } from '../host/nbd-server.js';
import { serverFiles, type TransferContext } from './transfer-context.js';

/**
 * How qemu-storage-daemon opens a frozen disk: read-only twice over, in the node and in the export. A file of a page cache
 * is good enough here, because nobody writes to a snapshot; a device bypasses the page cache, so that what is read once does
 * not push everything else out.
 */
export function frozenBlockdev(block: SourceBlock): Record<string, unknown> {
  const common = { 'node-name': 'frozen', 'read-only': true };
  switch (block.driver) {
    case 'file':
      return { driver: 'file', filename: block.path, aio: 'threads', ...common };
    case 'host_device':
      return { driver: 'host_device', filename: block.path, aio: 'native', cache: { direct: true }, ...common };
    case 'nbd':
      return { driver: 'nbd', server: { type: 'unix', path: block.socket }, 'reconnect-delay': 0, ...common };
    case 'rbd': {
      const { pool, image, snapshot, conf, user } = block;
      return { driver: 'rbd', pool, image, snapshot, conf, user, ...common };
    }
  }
}

export const snapshotExportArgs = (block: SourceBlock, files: { socket: string; pidFile: string }): string[] => [
  '--blockdev',
  JSON.stringify(frozenBlockdev(block)),
  '--nbd-server',
  `addr.type=unix,addr.path=${files.socket.replaceAll(',', ',,')}`,
  '--export',
  'type=nbd,id=frozen,node-name=frozen,name=,writable=off',
  '--pidfile',
  files.pidFile,
];

/** Serves a frozen disk read-only on a private socket. */
export async function startSnapshotExport(block: SourceBlock, context: TransferContext): Promise<NbdServer> {
  const files = serverFiles(context, 'source');
  const program = await context.programs.path('qemu-storage-daemon');
  return startServer({ program, args: snapshotExportArgs(block, files) }, files, context.clock);
}
