import type { DiskReader, MachineNeed } from '../../contracts/disk-reader.js';
import type { SourceSnapshot } from '../../contracts/source-provider.js';
import { type DiskKey, MiB } from '../../model/ids.js';
import { HTTPS_PORT, parseServer, revealUser, type VddkReader } from './config.js';
import type { VmwareContext } from './context.js';
import { notFound } from './errors.js';

/** vCenter's NFC service fails reads that are longer, for want of memory. */
const REQUEST_BYTES_MAX = 2 * MiB;

/**
 * How nbdkit's vddk plugin opens one frozen disk. VDDK knows a server by the SHA-1 of its certificate: it is taken from the
 * connection that our own trust has verified.
 */
export async function diskReader(context: VmwareContext, snapshot: SourceSnapshot, key: DiskKey): Promise<DiskReader> {
  const { config, session } = context;
  const disk = snapshot.disks.find((snapshotDisk) => snapshotDisk.key === key);
  if (disk === undefined) throw notFound(config.name, 'reader', `disk ${key} is not part of snapshot ${snapshot.name}`);
  const { sha1 } = await session.certificate();
  const { host, port } = parseServer(config.server)!;
  const { libdir, nbdkit = 'nbdkit', plugin = 'vddk', transports, compression, connections = 1 } = config.reader;
  const args = [
    `libdir=${libdir}`,
    `server=${host}`,
    ...(port === HTTPS_PORT ? [] : [`port=${port}`]),
    `user=${revealUser(config.user)}`,
    `thumbprint=${sha1}`,
    `vm=moref=${snapshot.vm}`,
    `snapshot=${snapshot.ref}`,
    ...(transports === undefined ? [] : [`transports=${transports}`]),
    ...(compression === undefined ? [] : [`compression=${compression}`]),
    `file=${disk.file}`,
  ];
  return {
    program: nbdkit,
    plugin,
    args,
    secrets: [{ key: 'password', value: config.password }],
    requestBytesMax: REQUEST_BYTES_MAX,
    connections,
  };
}

/** The plugin, and VDDK's library where the Project says. */
export const readerNeeds = ({ libdir, nbdkit = 'nbdkit', plugin = 'vddk' }: VddkReader): MachineNeed[] => [
  { kind: 'plugin', program: nbdkit, plugin, args: [`libdir=${libdir}`], library: { folder: libdir, name: 'libvixDiskLib.so' } },
];
