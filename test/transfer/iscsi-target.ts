import { execFile, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { until } from '../../lab/harness/until.js';

const run = promisify(execFile);

export interface IscsiTarget extends AsyncDisposable {
  readonly portal: string;
  readonly target: string;
  readonly lun: number;
}

export interface IscsiAccess {
  readonly file: string;
  /** The only initiator that is let in. */
  readonly initiator: string;
  readonly user: string;
  readonly password: string;
}

/** A real iSCSI target in user space, as a storage host runs one: a file behind a LUN, CHAP, one initiator, loopback only. */
export async function startIscsiTarget({ file, initiator, user, password }: IscsiAccess): Promise<IscsiTarget> {
  const port = await freePort();
  const portal = `127.0.0.1:${port}`;
  // Control ports are small numbers, one for each daemon of the machine.
  const control = String(1 + (port % 30_000));
  const daemon = spawn('tgtd', ['-f', '-C', control, '--iscsi', `portal=${portal}`], { stdio: 'ignore' });
  const ended = new Promise((resolve) => daemon.once('exit', resolve));
  const dispose = async (): Promise<void> => {
    daemon.kill('SIGKILL');
    await ended;
  };
  const admin = (op: string, mode: string, ...rest: string[]) =>
    run('tgtadm', ['-C', control, '--lld', 'iscsi', '--op', op, '--mode', mode, ...rest]);
  const target = 'iqn.2010-10.org.openstack:volume-1';
  try {
    await until('tgtd to answer', () =>
      admin('show', 'target').then(
        () => true,
        () => false,
      ),
    );
    await admin('new', 'target', '--tid', '1', '-T', target);
    await admin('new', 'logicalunit', '--tid', '1', '--lun', '1', '-b', file);
    await admin('new', 'account', '--user', user, '--password', password);
    await admin('bind', 'account', '--tid', '1', '--user', user);
    await admin('bind', 'target', '--tid', '1', '-Q', initiator);
  } catch (error) {
    await dispose();
    throw error;
  }
  return { portal, target, lun: 1, [Symbol.asyncDispose]: dispose };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
