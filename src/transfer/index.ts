import type { Comparison, CopyJob, DataPlane, NbdEndpoint } from '../contracts/data-plane.js';
import type { BlockReader, DiskReader, MachineNeed, PluginReader } from '../contracts/disk-reader.js';
import type { TargetBlock } from '../contracts/target-provider.js';
import type { Diagnostic } from '../diag/diagnostic.js';
import { runChild } from '../host/child.js';
import { type Clock, systemClock } from '../host/clock.js';
import { interruptible, interruption } from '../host/interruption.js';
import { flushNbd } from '../host/nbd-flush.js';
import { handshake, type NbdServer, ServerStartError } from '../host/nbd-server.js';
import { ProgramFinder } from '../host/program.js';
import type { Extent } from '../model/extent.js';
import { checkNeed, faultOf } from './check-need.js';
import { firstDifference } from './compare.js';
import { copyExtents } from './copy.js';
import { cutOffRbd } from './cut-off-rbd.js';
import { TransferError } from './errors.js';
import { assertFits } from './extent-list.js';
import { ExtentMapReader } from './extent-map.js';
import { startNbdkit } from './nbdkit-server.js';
import { rateProblems } from './rate-file.js';
import { explainReaderFailure, usesVddk } from './reader-failure.js';
import { startSnapshotExport } from './snapshot-export.js';
import { STALL_TIMEOUT_MS } from './stall.js';
import type { TransferContext } from './transfer-context.js';
import { exporterNextSteps, startVolumeExport } from './volume-export.js';

export interface DataPlaneOptions {
  /** Private, with a short path: unix sockets are made in it. See host/run-folder.ts. */
  readonly runFolder: string;
  readonly clock: Clock;
  /** Bits per second for each source disk, in nbdkit's notation, such as 800M; read again while copies run. */
  readonly rateFile?: string;
  readonly programs?: ProgramFinder;
  /** For how long a copy or a comparison may stand still; half an hour unless given. */
  readonly stallTimeoutMs?: number;
}

const transferPrograms = [
  'setpriv',
  'nbdkit',
  'nbdcopy',
  'nbdinfo',
  'qemu-img',
  'qemu-io',
  'qemu-storage-daemon',
  'mkfifo',
] as const;

/** What this machine lacks for moving bytes: MP8001, MP8002 or MP8003 for each program. */
export const transferPreflight = (programs = new ProgramFinder()): Promise<Diagnostic[]> => programs.preflight(transferPrograms);

/** What this machine lacks for the readers of a source. */
export type NeedsPreflight = (needs: readonly MachineNeed[]) => Promise<Diagnostic[]>;

/** It tells nothing before it knows all. A map of 16 TiB that a VMware host answers in pieces takes minutes. */
const MAP_TIMEOUT_MS = 2 * 3_600_000;

/** The folder is asked for when something has to be tried; `rateFile` is what nbdkit will read. */
export const needsPreflight =
  (programs: ProgramFinder, runFolder: () => Promise<string>, rateFile?: string): NeedsPreflight =>
  async (needs) => {
    const usesRate = rateFile !== undefined && needs.some(({ kind }) => kind === 'plugin');
    const found: Diagnostic[] = usesRate ? await rateProblems(rateFile) : [];
    for (const need of needs)
      found.push(...(await checkNeed(need, contextOf({ runFolder: await runFolder(), clock: systemClock, programs }))));
    return found;
  };

/** Reads another NBD server: how an endpoint that we did not open from a reader is read. */
const readerOf = (uri: string): PluginReader => ({
  program: 'nbdkit',
  plugin: 'nbd',
  args: [`uri=${uri}`],
  secrets: [],
  requestBytesMax: 2 ** 25,
  connections: 1,
});

type Failure = (detail: string, cause?: unknown) => TransferError;

function sourceFailure(reader: DiskReader): Failure {
  const [how, nextSteps] =
    'block' in reader
      ? [`driver ${reader.block.driver}`, exporterNextSteps(reader.block)]
      : [`${reader.program} ${reader.plugin}${remoteOf(reader)}`, undefined];
  return (said, cause) => {
    const known = { detail: said, ...(nextSteps === undefined ? {} : { nextSteps }) };
    const told = 'plugin' in reader && usesVddk(reader) ? explainReaderFailure(said) : known;
    return new TransferError({ code: 'MP6002', call: `open source with ${how}`, ...told }, { cause });
  };
}

/** Where a plugin reads from, as its arguments say; VDDK and libnbd often name no place in what they say. */
function remoteOf({ args }: PluginReader): string {
  const given = (key: string): string | undefined => args.find((arg) => arg.startsWith(`${key}=`))?.slice(key.length + 1);
  const [host, uri] = [given('server'), given('uri')];
  if (host !== undefined) return ` from ${host}:${given('port') ?? '443'}`;
  return uri === undefined || uri.startsWith('nbd+unix:') ? '' : ` from ${uri}`;
}

class NbdDataPlane implements DataPlane, AsyncDisposable {
  private readonly open = new Map<NbdEndpoint, { readonly server: NbdServer; readonly reader: PluginReader }>();
  constructor(private readonly context: TransferContext) {}

  async openSource(reader: DiskReader, expectedSize: number): Promise<NbdEndpoint> {
    const fail = sourceFailure(reader);
    const endpoint =
      'block' in reader
        ? await this.openBlock(reader, fail)
        : await this.endpoint(
            () => startNbdkit(reader, this.context),
            () => reader,
            fail,
          );
    if (endpoint.size === expectedSize) return endpoint;
    await endpoint.close();
    throw fail(`the disk has ${endpoint.size} bytes, the snapshot says ${expectedSize}`);
  }

  /** qemu serves the frozen disk; what nbdkit does for a copy (extent lists, limits) it does on top of that server. */
  private openBlock(reader: BlockReader, fail: Failure): Promise<NbdEndpoint> {
    const { block, requestBytesMax, connections } = reader;
    const onTop = (uri: string): PluginReader => ({ ...readerOf(uri), requestBytesMax, connections });
    return this.endpoint(() => startSnapshotExport(block, this.context), onTop, fail);
  }

  async openTarget(block: TargetBlock, minimumSize: number): Promise<NbdEndpoint> {
    const nextSteps = exporterNextSteps(block);
    const fail = (detail: string, cause?: unknown) =>
      new TransferError({ code: 'MP6003', call: `open volume with driver ${block.driver}`, detail, nextSteps }, { cause });
    const endpoint = await this.endpoint(() => startVolumeExport(block, this.context), readerOf, fail);
    if (endpoint.size >= minimumSize) return endpoint;
    await endpoint.close();
    throw fail(`the volume has ${endpoint.size} bytes, too small for the disk of ${minimumSize}`);
  }

  cutOff(block: TargetBlock): Promise<boolean> {
    return block.driver === 'rbd' ? cutOffRbd(block, this.context.clock) : Promise.resolve(false);
  }

  async nonZeroExtents(endpoint: NbdEndpoint, signal?: AbortSignal): Promise<readonly Extent[]> {
    const map = new ExtentMapReader();
    const program = await this.context.programs.path('nbdinfo');
    const { status } = await runChild({
      program,
      args: ['--map', endpoint.uri],
      timeoutMs: MAP_TIMEOUT_MS,
      onStdout: (chunk) => map.push(chunk),
      ...(signal === undefined ? {} : { signal }),
    });
    if (status === 0) return map.end();
    // Older nbdkits fail to map a disk whose size is no multiple of 64 KiB, each time: without a map all of it is data. A server
    // that is gone fails the copy that follows, too.
    return [{ offset: 0, length: endpoint.size }];
  }

  async copy(job: CopyJob): Promise<void> {
    job.signal?.throwIfAborted();
    assertFits(job.extents, Math.min(job.source.size, job.target.size));
    if (job.extents.length === 0) return this.flush(job.target);
    const sides = { reader: this.readerFor(job.source), targetSaid: () => this.said(job.target) };
    await this.restarting(sides.reader, () => interruptible(job.signal, () => copyExtents(job, sides, this.context)));
  }

  async firstDifference({ source, target, extents, signal }: Comparison): Promise<number | undefined> {
    signal?.throwIfAborted();
    assertFits(extents, Math.min(source.size, target.size));
    if (extents.length === 0) return undefined;
    const sides = { source: this.readerFor(source), target: readerOf(target.uri) };
    return this.restarting(sides.source, () =>
      interruptible(signal, () => firstDifference(sides, { extents, ...(signal === undefined ? {} : { signal }) }, this.context)),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.open.keys()].map((endpoint) => endpoint.close()));
  }

  /** A source that opened before and does not open for a copy is a source that cannot be opened. */
  private async restarting<T>(reader: PluginReader, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ServerStartError)) throw error;
      const told = usesVddk(reader) ? explainReaderFailure(error.message) : { detail: error.message };
      throw new TransferError({ code: 'MP6002', call: 'open source again', ...told }, { cause: error });
    }
  }

  private async flush(target: NbdEndpoint): Promise<void> {
    const { status, stderr, stdout } = await flushNbd(target.uri, this.context.programs);
    if (status !== 0) throw new TransferError({ code: 'MP6001', call: 'flush', detail: stderr || stdout });
  }

  private readerFor(endpoint: NbdEndpoint): PluginReader {
    return this.open.get(endpoint)?.reader ?? readerOf(endpoint.uri);
  }

  private said(endpoint: NbdEndpoint): string {
    return this.open.get(endpoint)?.server.child.stderr() ?? '';
  }

  private async endpoint(
    start: () => Promise<NbdServer>,
    readerAt: (uri: string) => PluginReader,
    fail: Failure,
  ): Promise<NbdEndpoint> {
    const server = await start().catch((error: unknown) => {
      throw error instanceof ServerStartError ? fail(error.message, error) : error;
    });
    try {
      const size = await handshake(server.uri, this.context.programs);
      return this.register(server, size, readerAt(server.uri));
    } catch (error) {
      await server.close();
      interruption()?.throwIfAborted();
      // A client only learns that opening failed; the reason is what the server wrote.
      const fault = faultOf((await server.child.exited).status);
      const ended = fault === undefined ? '' : `it was ended by ${fault}, as by a library that does not fit; `;
      throw fail(`${ended}${server.child.stderr() || (error as Error).message}`, error);
    }
  }

  private register(server: NbdServer, size: number, reader: PluginReader): NbdEndpoint {
    const endpoint: NbdEndpoint = {
      uri: server.uri,
      size,
      close: async () => {
        this.open.delete(endpoint);
        await server.close();
      },
    };
    this.open.set(endpoint, { server, reader });
    return endpoint;
  }
}

let count = 0;

/** Names are never used twice by this process, whichever context they are of. */
const contextOf = ({
  runFolder,
  clock,
  rateFile,
  stallTimeoutMs = STALL_TIMEOUT_MS,
  programs = new ProgramFinder(),
}: DataPlaneOptions): TransferContext => ({
  folder: runFolder,
  clock,
  programs,
  stallTimeoutMs,
  ...(rateFile === undefined ? {} : { rateFile }),
  freshName: (kind) => `${kind}-${++count}`,
});

/** Moves bytes with nbdkit, nbdcopy and qemu-storage-daemon. Disposing it ends every server that is still open. */
export const openDataPlane = (options: DataPlaneOptions): DataPlane & AsyncDisposable => new NbdDataPlane(contextOf(options));
