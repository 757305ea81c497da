import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../../lab/harness/until.js';

const run = promisify(execFile);

export interface NfsServer extends AsyncDisposable {
  /** As Cinder would name it in connection_info. */
  readonly host: string;
  /** What is served: a folder of this machine. */
  readonly folder: string;
  /** Put before PATH, this folder lets qemu-storage-daemon see the network that the server is in. */
  readonly programs: string;
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Numbers of the RPC programs (RFC 1833, RFC 1813); version 3 of each is used. */
const rpc = { portMapper: 100_000, nfs: 100_003, mount: 100_005 } as const;

const configOf = (folder: string, state: string): string => `
NFS_CORE_PARAM { Protocols = 3; NFS_Port = 2049; MNT_Port = 20048; Enable_NLM = false; Enable_RQUOTA = false; }
NFSv4 { Graceless = true; RecoveryRoot = ${state}; }
EXPORT {
  Export_Id = 1; Path = ${folder}; Pseudo = /served; Protocols = 3; Transports = TCP; SecType = sys;
  Access_Type = RW; Squash = No_Root_Squash; FSAL { Name = VFS; }
}
`;

/**
 * A real NFS server in user space, as a storage host runs one. Its ports are fixed, the port mapper's 111 among them, so it
 * gets a network of its own that has a loopback and nothing else.
 */
export async function startNfsServer(): Promise<NfsServer> {
  const home = await mkdtemp(join(tmpdir(), 'nfs-'));
  const [folder, state, programs, sockets] = ['served', 'state', 'programs', 'run'].map((name) => join(home, name)) as [
    string,
    string,
    string,
    string,
  ];
  for (const path of [folder, state, programs, sockets]) await mkdir(path);
  const network = `migplan-nfs-${process.pid}`;
  const inside = ['netns', 'exec', network];
  const config = join(home, 'ganesha.conf');
  await writeFile(config, configOf(folder, state));
  const wrapped = join(programs, 'qemu-storage-daemon');
  await writeFile(wrapped, `#!/bin/sh\nexec ip ${inside.join(' ')} /usr/bin/qemu-storage-daemon "$@"\n`);
  await chmod(wrapped, 0o755);

  // The server tells the port mapper about itself by a socket in /run: both get one that is not the machine's.
  const launch = (words: readonly string[]): ChildProcess =>
    spawn('ip', [...inside, 'unshare', '-m', 'sh', '-c', `mount --bind ${sockets} /run && exec "$@"`, 'sh', ...words], {
      stdio: 'ignore',
    });
  const end = async (child: ChildProcess | undefined): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  };
  const answers = (program: number) =>
    run('ip', [...inside, 'rpcinfo', '-T', 'tcp', '127.0.0.1', String(program), '3']).then(
      () => true,
      () => false,
    );
  let mapper: ChildProcess | undefined;
  let ganesha: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    ganesha = launch(['ganesha.nfsd', '-F', '-f', config, '-L', join(home, 'log'), '-p', join(home, 'pid'), '-N', 'NIV_EVENT']);
    await until('the NFS server to answer', async () => (await answers(rpc.nfs)) && answers(rpc.mount), 60_000);
  };
  const stop = () => end(ganesha);
  const dispose = async (): Promise<void> => {
    await stop();
    await end(mapper);
    await run('ip', ['netns', 'del', network]);
    await rm(home, { recursive: true, force: true });
  };
  await run('ip', ['netns', 'add', network]);
  try {
    await run('ip', [...inside, 'ip', 'link', 'set', 'lo', 'up']);
    mapper = launch(['rpcbind', '-f', '-w']);
    await until('the port mapper to answer', () => answers(rpc.portMapper));
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }
  return { host: '127.0.0.1', folder, programs, start, stop, [Symbol.asyncDispose]: dispose };
}
