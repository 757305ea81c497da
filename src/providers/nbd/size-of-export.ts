import { interruption } from '../../host/interruption.js';
import { handshake } from '../../host/nbd-server.js';
import type { ProgramFinder } from '../../host/program.js';
import { ImageProblem, requireDiskSize } from './image/image-problem.js';

export interface ExportAccess {
  readonly programs: ProgramFinder;
  /** Folder of X.509 files. */
  readonly certificates: string | undefined;
}

/** Bytes of an NBD export. ImageProblem with what the client said when it cannot be read. */
export async function sizeOfExport(uri: string, { programs, certificates }: ExportAccess): Promise<number> {
  const where =
    certificates === undefined || !uri.startsWith('nbds:') ? uri : `${uri}?tls-certificates=${encodeURI(certificates)}`;
  const bytes = await handshake(where, programs).catch((error: unknown) => {
    interruption()?.throwIfAborted();
    throw new ImageProblem(`${uri}: ${(error as Error).message}`);
  });
  requireDiskSize(uri, bytes);
  return bytes;
}
