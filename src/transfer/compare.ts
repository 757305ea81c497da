import type { PluginReader } from '../contracts/disk-reader.js';
import { runChild } from '../host/child.js';
import type { NbdServer } from '../host/nbd-server.js';
import type { Extent } from '../model/extent.js';
import { TransferError, whatTheySaid } from './errors.js';
import { writeExtentList } from './extent-list.js';
import { startNbdkit } from './nbdkit-server.js';
import { openRequestLog } from './request-log.js';
import { Stall } from './stall.js';
import type { TransferContext } from './transfer-context.js';

const MISMATCH = /Content mismatch at offset (\d+)/;
const DIFFERENT = 1;
const CLOSE_GRACE_MS = 1_000;
const KILL_GRACE_MS = 1_000;

interface Servers {
  readonly source: NbdServer;
  readonly target: NbdServer;
}

async function runCompare(
  { source, target }: Servers,
  signal: AbortSignal,
  context: TransferContext,
): Promise<number | undefined> {
  const { status, stdout, stderr } = await runChild({
    program: await context.programs.path('qemu-img'),
    args: ['compare', '-f', 'raw', '-F', 'raw', source.uri, target.uri],
    graceMs: KILL_GRACE_MS,
    signal,
  });
  if (status === 0) return undefined;
  const offset = status === DIFFERENT ? MISMATCH.exec(stdout)?.[1] : undefined;
  if (offset !== undefined) return Number(offset);
  const said = { 'qemu-img': stderr || stdout, source: source.child.stderr(), volume: target.child.stderr() };
  throw new TransferError({ code: 'MP6001', call: 'compare', detail: whatTheySaid(said) });
}

/**
 * Both sides go through nbdkit with the same list of extents in front: what is not listed looks like a hole on both, and
 * qemu-img compare reads neither. One process for any number of extents, memcmp in C; 2 MiB are read from each side in turn.
 */
export async function firstDifference(
  sides: { readonly source: PluginReader; readonly target: PluginReader },
  { extents, signal }: { readonly extents: readonly Extent[]; readonly signal?: AbortSignal },
  context: TransferContext,
): Promise<number | undefined> {
  await using list = await writeExtentList(`${context.folder}/${context.freshName('extents')}`, extents);
  using stall = new Stall('compare', context.stallTimeoutMs);
  await using log = await openRequestLog(`${list.path}.log`, await context.programs.path('mkfifo'), () => stall.moved());
  const servers: NbdServer[] = [];
  const start = async (reader: PluginReader, options: { readonly requestLog?: string } = {}): Promise<NbdServer> => {
    const server = await startNbdkit(reader, context, { extentList: list.path, ...options });
    servers.push(server);
    return server;
  };
  try {
    const source = await start(sides.source, { requestLog: log.path });
    const target = await start(sides.target);
    return await runCompare({ source, target }, stall.signal(signal), context);
  } finally {
    await Promise.all(servers.map((server) => server.close(CLOSE_GRACE_MS)));
  }
}
