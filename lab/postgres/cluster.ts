import { appendFile, chmod, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../harness/free-port.js';
import { createTlsMaterial } from '../openstack-sim/tls.js';
import { giveToServer, runAsServer } from './programs.js';

/** The role that may do everything, without a password, through the socket. */
export const ADMIN = 'admin';

export interface ClusterOptions {
  /** Empty or not there; every folder above must let the user `postgres` through. Default: a new one below the temporary folder. */
  readonly folder?: string;
  /** Listen on a free loopback port too, with TLS or without. Default: the socket alone. */
  readonly tcp?: 'plain' | 'tls';
  /** Write to the disk before a commit is told: only a loss of power makes a difference. Default false. */
  readonly fsync?: boolean;
}

/** Files of a cluster that can be started. */
export interface Cluster {
  readonly folder: string;
  readonly data: string;
  readonly socketFolder: string;
  readonly port: number;
  /** What to trust; undefined without TLS. */
  readonly caFile: string | undefined;
}

const SOCKET_PORT = 5432;

export async function createCluster(options: ClusterOptions): Promise<Cluster> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'postgres-')));
  const [data, socketFolder] = [join(folder, 'data'), join(folder, 'socket')];
  await mkdir(socketFolder, { recursive: true });
  const tls = options.tcp === 'tls' ? createTlsMaterial(join(folder, 'tls')) : undefined;
  await giveToServer(folder);
  await chmod(folder, 0o755);
  const making = ['-D', data, '-U', ADMIN, '-A', 'trust', '-E', 'UTF8', '--locale', 'C.UTF-8', '--no-sync'];
  await runAsServer(folder, 'initdb', making);
  const port = options.tcp === undefined ? SOCKET_PORT : await freePort();
  await appendFile(join(data, 'postgresql.conf'), settings(folder, port, options));
  await writeFile(join(data, 'pg_hba.conf'), access(options));
  return { folder, data, socketFolder, port, caFile: tls?.caFile };
}

const settings = (folder: string, port: number, { tcp, fsync = false }: ClusterOptions): string =>
  [
    '',
    `port = ${port}`,
    `listen_addresses = '${tcp === undefined ? '' : '127.0.0.1'}'`,
    `unix_socket_directories = '${folder}/socket'`,
    `fsync = ${fsync ? 'on' : 'off'}`,
    'shared_buffers = 16MB',
    // In the data folder, and removed with it, however the server ends.
    'dynamic_shared_memory_type = mmap',
    ...(tcp === 'tls'
      ? ['ssl = on', `ssl_cert_file = '${folder}/tls/server.pem'`, `ssl_key_file = '${folder}/tls/server.key'`]
      : []),
    '',
  ].join('\n');

/** The first line that fits counts: whoever is not the administrator has a password. */
const access = ({ tcp }: ClusterOptions): string =>
  [
    `local all ${ADMIN} trust`,
    'local all all scram-sha-256',
    ...(tcp === undefined ? [] : [`${tcp === 'tls' ? 'hostssl' : 'host'} all all 127.0.0.1/32 scram-sha-256`]),
    '',
  ].join('\n');
