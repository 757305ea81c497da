import { handshake } from '../../host/nbd-server.js';
import type { ProgramFinder } from '../../host/program.js';
import { ImageProblem } from './image/image-problem.js';

export interface ExportAccess {
  readonly programs: ProgramFinder;
  /** Folder of X.509 files. */
  readonly certificates: string | undefined;
}

/** Bytes of an NBD export. ImageProblem with what the client said when it cannot be read. */
export async function sizeOfExport(uri: string, { programs, certificates }: ExportAccess): Promise<number> {
  const where =
    certificates === undefined || !uri.startsWith('nbds:') ? uri : `${uri}?tls-certificates=${encodeURI(certificates)}`;
  return handshake(where, programs).catch((error: unknown) => {
    throw new ImageProblem(`${uri}: ${(error as Error).message}`);
  });
}
