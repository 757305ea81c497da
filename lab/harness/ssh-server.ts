import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { processesWith, type RunningProcess } from './processes.js';
import { until } from './until.js';

const SSHD = '/usr/sbin/sshd';

export interface SshServerOptions {
  /** Further lines of sshd_config. */
  readonly config?: readonly string[];
  /** PATH of what is started through ssh, such as a folder without nbdkit. Default: the usual folders. */
  readonly path?: string;
  /** Whether the client's key is let in. Default true. */
  readonly isKeyAuthorized?: boolean;
  /** Whether the client knows the host's key. Default true. */
  readonly isHostKnown?: boolean;
}

/** Debian's sshd on a free loopback port, for this user with a key of its own, and the ssh configuration that leads there. */
export class SshServer implements AsyncDisposable {
  private constructor(
    readonly folder: string,
    readonly port: number,
    private readonly daemon: ReturnType<typeof spawn>,
  ) {}

  /** The host's name in the configuration. */
  readonly host = 'conv1';

  get config(): string {
    return join(this.folder, 'ssh_config');
  }

  /** `NAME=value` in the environment of everything that is started through this server. */
  get marker(): string {
    return markerOf(this.folder);
  }

  static async start(options: SshServerOptions = {}): Promise<SshServer> {
    const folder = await mkdtemp(join(tmpdir(), 'sshd-'));
    const port = await freePort();
    await keys(folder, options);
    await writeFile(join(folder, 'sshd_config'), daemonConfig(folder, port, options));
    await writeFile(join(folder, 'ssh_config'), clientConfig(folder, port));
    // Where sshd keeps what it has no rights for; the package's service would make it.
    await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
    // It ends with the test, also when that is killed.
    const command = ['--pdeathsig', 'TERM', SSHD, '-D', '-e', '-f', join(folder, 'sshd_config')];
    const daemon = spawn('setpriv', command, { stdio: ['ignore', 'ignore', 'pipe'] });
    daemon.stderr.pipe(createWriteStream(join(folder, 'log')));
    const server = new SshServer(folder, port, daemon);
    await until('sshd to listen', async () => {
      const log = await server.log();
      if (daemon.exitCode !== null) throw new Error(`sshd ended at once:\n${log}`);
      return log.includes('Server listening');
    });
    return server;
  }

  log(): Promise<string> {
    return readFile(join(this.folder, 'log'), 'utf8').catch(() => '');
  }

  /** What runs on the "host" for somebody who logged in. */
  processes(): Promise<RunningProcess[]> {
    return processesWith(this.marker);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.daemon.exitCode === null && this.daemon.signalCode === null) {
      const ended = once(this.daemon, 'exit');
      this.daemon.kill('SIGTERM');
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

const markerOf = (folder: string): string => `MIGPLAN_LAB_SSH=${folder}`;

async function keys(folder: string, { isKeyAuthorized = true, isHostKnown = true }: SshServerOptions): Promise<void> {
  for (const name of ['host', 'client', 'other']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)]);
  }
  await chmod(folder, 0o700);
  await writeFile(join(folder, 'authorized'), await publicKey(folder, isKeyAuthorized ? 'client' : 'other'));
  await writeFile(join(folder, 'known'), isHostKnown ? `* ${await publicKey(folder, 'host')}` : '');
}

const publicKey = (folder: string, name: string): Promise<string> => readFile(join(folder, `${name}.pub`), 'utf8');

function daemonConfig(folder: string, port: number, { config = [], path = '/usr/bin:/bin' }: SshServerOptions): string {
  return [
    // The first of several values counts.
    ...config,
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${folder}/host`,
    `PidFile ${folder}/pid`,
    `AuthorizedKeysFile ${folder}/authorized`,
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    `SetEnv ${markerOf(folder)}`,
    // After the login scripts of this machine's user, which are not part of the test.
    `ForceCommand PATH=${path} exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"`,
    '',
  ].join('\n');
}

const clientConfig = (folder: string, port: number): string =>
  [
    'Host conv1',
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    `  User ${userInfo().username}`,
    `  IdentityFile ${folder}/client`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${folder}/known`,
    '  GlobalKnownHostsFile none',
    '',
  ].join('\n');
