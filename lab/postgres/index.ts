import { rm } from 'node:fs/promises';
import { ADMIN, type Cluster, type ClusterOptions, createCluster } from './cluster.js';
import { psql } from './programs.js';
import { launch, type Server } from './server.js';

/** A PostgreSQL of its own: Debian's newest programs, a cluster in a folder, and its processes. */
export interface Postgres extends AsyncDisposable {
  /** For the administrator, who needs no password, through the socket. Other roles need theirs. */
  readonly url: string;
  readonly socketFolder: string;
  /** Names the socket's file, and is the loopback port when there is one. */
  readonly port: number;
  /** PEM file to trust; undefined without TLS. */
  readonly caFile: string | undefined;
  /** Of the process that started the server's others; undefined while it does not run. */
  readonly pid: number | undefined;
  /** Cuts clients off and leaves the data in order. Fine when it does not run. */
  stop(): Promise<void>;
  /** Resolves when it accepts connections. Fine when it runs. */
  start(): Promise<void>;
  restart(): Promise<void>;
  /** All processes of the server at once, by SIGKILL. */
  kill9(): Promise<void>;
  /** Runs statements as the administrator, or as the URL says: rows of the last one, columns parted by `|`. Rejects with what psql said. */
  psql(sql: string, url?: string): Promise<string>;
  /** Ends the server and removes the folder. */
  close(): Promise<void>;
}

/** Makes a cluster and starts its server. It ends with this process, whatever way that ends; the folder stays then. */
export async function startPostgres(options: ClusterOptions = {}): Promise<Postgres> {
  const cluster = await createCluster(options);
  return running(cluster, await launch(cluster));
}

const urlOf = ({ socketFolder, port }: Cluster): string =>
  `postgresql://${ADMIN}@/postgres?host=${encodeURIComponent(socketFolder)}&port=${port}`;

function running(cluster: Cluster, first: Server): Postgres {
  let server: Server | undefined = first;
  const start = async () => {
    server ??= await launch(cluster);
  };
  const end = (how: 'stop' | 'kill9') => async () => {
    await server?.[how]();
    server = undefined;
  };
  const close = async () => {
    await end('stop')();
    await rm(cluster.folder, { recursive: true, force: true });
  };
  const { socketFolder, port, caFile } = cluster;
  return {
    ...{ url: urlOf(cluster), socketFolder, port, caFile },
    get pid() {
      return server?.pid;
    },
    ...{ start, stop: end('stop'), kill9: end('kill9') },
    restart: async () => {
      await end('stop')();
      await start();
    },
    psql: (sql, url = urlOf(cluster)) => psql(url, sql),
    close,
    [Symbol.asyncDispose]: close,
  };
}
