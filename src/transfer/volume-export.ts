import { rm, writeFile } from 'node:fs/promises';
import type { SourceBlock } from '../contracts/disk-reader.js';
import type { TargetBlock } from '../contracts/target-provider.js';
import { type NbdServer, startServer } from '../host/nbd-server.js';
import type { Secret } from '../host/secret.js';
import { serverFiles, type TransferContext } from './transfer-context.js';

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
    case 'iscsi':
      return iscsi(block, common);
    case 'nfs': {
      const server = { type: 'inet', host: block.host };
      const raw = { driver: 'nfs', server, path: block.path };
      return block.format === 'raw' ? { ...raw, ...common } : { driver: 'qcow2', file: raw, ...common };
    }
    case 'nbd':
      // A server that is gone is an error and stays one: what it had not flushed may be lost.
      return { driver: 'nbd', server: { type: 'unix', path: block.socket }, 'reconnect-delay': 0, ...common };
  }
}

function iscsi(
  { portal, target, lun, initiator, chap }: Extract<TargetBlock, { driver: 'iscsi' }>,
  common: object,
): Record<string, unknown> {
  const login = chap === undefined ? {} : { user: chap.user, 'password-secret': CHAP };
  return { driver: 'iscsi', transport: 'tcp', portal, target, lun, 'initiator-name': initiator, ...login, ...common };
}

const CHAP = 'chap';

interface ExportFiles {
  readonly socket: string;
  readonly pidFile: string;
  /** Holds the CHAP password while the server starts. */
  readonly secret: string;
}

export const exporterArgs = (block: TargetBlock, files: ExportFiles): string[] => [
  ...(passwordOf(block) === undefined ? [] : ['--object', `secret,id=${CHAP},file=${files.secret.replaceAll(',', ',,')}`]),
  '--blockdev',
  JSON.stringify(blockdev(block)),
  '--nbd-server',
  `addr.type=unix,addr.path=${files.socket.replaceAll(',', ',,')}`,
  '--export',
  'type=nbd,id=volume,node-name=volume,name=,writable=on',
  '--pidfile',
  files.pidFile,
];

const passwordOf = (block: TargetBlock): Secret | undefined => (block.driver === 'iscsi' ? block.chap?.password : undefined);

/** Exports a volume for writing. It lets several connections write and flush; the server flushes when it is closed. */
export async function startVolumeExport(block: TargetBlock, context: TransferContext): Promise<NbdServer> {
  const files = serverFiles(context, 'volume');
  const secret = `${files.socket}.secret`;
  const program = await context.programs.path('qemu-storage-daemon');
  const password = passwordOf(block);
  const options = { program, args: exporterArgs(block, { ...files, secret }) };
  if (password === undefined) return startServer(options, files, context.clock);
  // A file, because QEMU cannot read a secret from the socket that is a child's inherited descriptor here. It is gone once read.
  await writeFile(secret, password.reveal(), { mode: 0o600, flag: 'wx' });
  try {
    return await startServer(options, files, context.clock);
  } finally {
    await rm(secret, { force: true });
  }
}

/** What brings qemu's drivers for remote storage. */
export const QEMU_BLOCK_PACKAGES = [
  'On Debian or Ubuntu: apt-get install qemu-block-extra',
  'On Fedora or RHEL: dnf install qemu-block-rbd or qemu-block-iscsi (RHEL: qemu-kvm-block-rbd)',
];

/** What to do when opening failed. */
export function exporterNextSteps(block: TargetBlock | SourceBlock): string[] {
  switch (block.driver) {
    case 'rbd':
      return [
        `Check ${block.conf} and the keyring of client.${block.user}: rbd --conf ${block.conf} --id ${block.user} info ${block.pool}/${block.image}`,
        ...QEMU_BLOCK_PACKAGES,
      ];
    case 'iscsi':
      return [`Check that this host reaches ${block.portal} on the storage network`, ...QEMU_BLOCK_PACKAGES];
    case 'nfs':
      return [`Check that this host may read and write ${block.host}:${block.path}, also as this user`, ...QEMU_BLOCK_PACKAGES];
    case 'nbd':
      return [`Look for what the NBD server behind ${block.socket} said; it ends with what serves it`];
    default:
      return [`Check that ${block.path} is there, can be opened and is not in use`];
  }
}
