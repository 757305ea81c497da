import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ensureBuilt } from '../vcenter-sim/ensure-built.js';
import { answerIn } from './answers.js';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');
const WRAPPER = join(import.meta.dirname, 'nbdkit');
const FILE = '[ds1] web01/web01.vmdk';
const WORLD = {
  users: [{ name: 'admin', password: 'secret' }],
  datacenters: [
    {
      name: 'dc1',
      vms: [
        {
          name: 'web01',
          moref: 'vm-1',
          cbtEnabled: true,
          disks: [{ capacityBytes: 32 * 2 ** 20, content: { pattern: { seed: 9, dataRatio: 0.5 } } }],
        },
      ],
    },
  ],
};

interface Ready {
  readonly server: string;
  readonly caFile: string;
  readonly sha1: string;
  readonly control: string;
}

let directory: string;
let simulator: ChildProcess;
let ready: Ready;
let snapshot: string;
const children: ChildProcess[] = [];

beforeAll(() => ensureBuilt(ROOT, ['lab/vcenter-sim', 'lab/vddk-sim']));

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vddk-sim-'));
  await mkdir(join(directory, 'vddk/lib64'), { recursive: true });
  await writeFile(join(directory, 'vddk/lib64/libvixDiskLib.so.8'), '');
  await writeFile(join(directory, 'password'), 'secret', { mode: 0o600 });
  await writeFile(join(directory, 'world.json'), JSON.stringify(WORLD));
  const main = join(ROOT, 'dist/lab/vcenter-sim/main.js');
  simulator = spawn(process.execPath, [main, '--config', 'world.json', '--state', 'state', '--ready', 'ready.json'], {
    cwd: directory,
    stdio: 'inherit',
  });
  await until(() => existsSync(join(directory, 'ready.json')) || simulator.exitCode !== null);
  expect(simulator.exitCode).toBeNull();
  ready = JSON.parse(await readFile(join(directory, 'ready.json'), 'utf8')) as Ready;
  snapshot = (await control<{ moref: string }>('createForeignSnapshot', { vm: 'web01', name: 's' })).moref;
});

/** For the tests of the group the answering program runs already. */
function asked(): void {
  let answers: Server;
  beforeEach(async () => {
    answers = await answerIn(join(directory, 'vddk'));
  });
  afterEach(() => void answers.close());
}

afterEach(async () => {
  for (const child of children.splice(0)) await end(child);
  await end(simulator);
  await rm(directory, { recursive: true, force: true });
});

async function control<T>(command: string, args: object = {}): Promise<T> {
  const answer = await fetch(`${ready.control}/${command}`, { method: 'POST', body: JSON.stringify(args) });
  const value = (await answer.json()) as T & { error?: string };
  if (value.error !== undefined) throw new Error(value.error);
  return value;
}

async function until(test: () => boolean | Promise<boolean>): Promise<void> {
  await expect.poll(test, { timeout: 60_000, interval: 20 }).toBe(true);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  await ended;
}

const socket = (): string => join(directory, 'nbd.sock');
const uri = (): string => `nbd+unix:///?socket=${socket()}`;

interface Served {
  readonly child: ChildProcess;
  readonly stderr: () => string;
}

/** Starts the stand-in as the product would, the password through descriptor 3. */
async function serve(change: Record<string, string> = {}, filters: readonly string[] = []): Promise<Served> {
  const [server = '', port = ''] = ready.server.split(':');
  const parameters = {
    libdir: join(directory, 'vddk'),
    server,
    port,
    user: 'admin',
    password: '-3',
    thumbprint: ready.sha1,
    vm: 'moref=vm-1',
    snapshot,
    file: FILE,
    ...change,
  };
  return serveWords(
    Object.entries(parameters).map(([key, value]) => `${key}=${value}`),
    filters,
  );
}

async function serveWords(words: readonly string[], filters: readonly string[] = []): Promise<Served> {
  const pidfile = join(directory, 'pid');
  const args = [
    '--foreground',
    '--exit-with-parent',
    '--readonly',
    '--unix',
    socket(),
    '--pidfile',
    pidfile,
    ...filters.map((filter) => `--filter=${filter}`),
    'vddk',
    ...words,
  ];
  const child = spawn(WRAPPER, args, { stdio: ['ignore', 'inherit', 'pipe', 'pipe'] });
  children.push(child);
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const passwordPipe = child.stdio[3] as NodeJS.WritableStream;
  passwordPipe.on('error', () => undefined); // a child that refuses its arguments never reads it
  passwordPipe.end('secret\n');
  // The shell that was started has become nbdkit, under the same process id.
  await until(
    async () =>
      child.exitCode !== null ||
      child.signalCode !== null ||
      (await readFile(pidfile, 'utf8').catch(() => '')).trim() === String(child.pid),
  );
  return { child, stderr: () => stderr };
}

const readersNow = async (): Promise<number> => (await control<{ readersNow: number }>('stats')).readersNow;

const ways = [
  { way: 'a program that is started for each', setUp: () => undefined },
  { way: 'one that runs already', setUp: asked },
];

describe.each(ways)('serving a snapshot by $way', ({ setUp }) => {
  setUp();
  test('gives the frozen bytes while the guest goes on writing', async () => {
    await serve({}, ['retry']);
    const { imagePath } = await control<{ imagePath: string }>('frozenImage', { snapshot });
    const before = await readFile(imagePath);
    const writing = control('guestRandomWrites', { vm: 'web01', seed: 1, count: 40, maxBytes: 500_000 });
    await run('nbdcopy', [uri(), join(directory, 'copy.raw')]);
    await writing;
    expect((await readFile(join(directory, 'copy.raw'))).equals(before)).toBe(true);
    const current = await control<{ imagePath: string }>('currentImage', { vm: 'web01' });
    expect((await readFile(current.imagePath)).equals(before)).toBe(false);
  });

  test('one connection unless the caller adds the filter', async () => {
    const { child } = await serve();
    const info = async () => JSON.parse((await run('nbdinfo', ['--json', uri()])).stdout).exports[0] as Record<string, unknown>;
    expect(await info()).toMatchObject({ 'export-size': 32 * 2 ** 20, is_read_only: true, can_multi_conn: false });
    await end(child);
    await rm(join(directory, 'pid'));
    await rm(socket());
    await serve({ 'multi-conn-mode': 'unsafe' }, ['multi-conn']);
    expect(await info()).toMatchObject({ can_multi_conn: true });
  });

  test('an open reader blocks removal; one that has ended does not', async () => {
    const { child } = await serve();
    expect(await readersNow()).toBe(1);
    await expect(control('removeForeignSnapshot', { snapshot })).rejects.toThrow('FileLocked');
    child.kill('SIGKILL');
    await until(async () => (await readersNow()) === 0);
    await control('removeForeignSnapshot', { snapshot });
  });

  test('dies in the middle of a copy when told to', async () => {
    await control('setVddk', { killAfterReads: 3, readDelayMs: 5 });
    const { child } = await serve();
    await expect(run('nbdcopy', [uri(), join(directory, 'copy.raw')])).rejects.toThrow(
      /not connected|server disconnected|failed/,
    );
    await until(() => child.signalCode === 'SIGKILL');
  });
});

// As with VDDK: nbdkit starts, every client is refused without a reason, and the reason is on stderr alone.
describe.each(ways)('what cannot be opened, by $way', ({ setUp }) => {
  setUp();
  test.each([
    {
      name: 'thumbprint of another server',
      change: { thumbprint: Array.from({ length: 20 }, () => '00').join(':') },
      reason: 'Unknown error',
    },
    { name: 'wrong user', change: { user: 'nobody' }, reason: 'Unknown error' },
    { name: 'no such snapshot', change: { snapshot: 'snapshot-999' }, reason: 'Unknown error' },
    { name: 'the live file under a snapshot', change: { file: '[ds1] web01/web01-000001.vmdk' }, reason: 'A file was not found' },
    { name: 'nobody listens', change: { port: '1' }, reason: 'Cannot connect to the host' },
  ])('$name', async ({ change, reason }) => {
    const { child, stderr } = await serve(change);
    await expect(run('nbdinfo', [uri()])).rejects.toThrow(/No such file or directory/);
    expect(child.exitCode).toBeNull();
    await until(() => stderr().includes(`VixDiskLib_Open: ${(change as { file?: string }).file ?? FILE}: ${reason}`));
    expect(await readersNow()).toBe(0);
  });

  test('a password on the command line ends it at once', async () => {
    const { child, stderr } = await serve({ password: 'secret' });
    await until(() => child.exitCode === 1);
    expect(stderr()).toContain('not on the command line');
  });
});

// As with VDDK, whose plugin loads the library at the start and opens at the first client.
describe.each(ways)('a library in trouble, by $way', ({ setUp }) => {
  setUp();
  const start = async (library: string): Promise<Served> => {
    await writeFile(join(directory, 'vddk/lib64/libvixDiskLib.so.8'), library);
    return serveWords([`libdir=${join(directory, 'vddk')}`, 'file=/dev/null']);
  };

  test('a local file needs no server, and is no virtual disk', async () => {
    const { child, stderr } = await start('');
    await expect(run('nbdinfo', [uri()])).rejects.toThrow();
    await until(() => stderr().includes('VixDiskLib_Open: /dev/null: The file type is not supported'));
    expect(child.exitCode).toBeNull();
  });

  test('one that lacks another library cannot be loaded', async () => {
    const { child, stderr } = await start('needs libcrypt.so.1');
    await until(() => child.exitCode === 1);
    expect(stderr()).toContain('vddk: libcrypt.so.1: cannot open shared object file: No such file or directory');
  });

  test('one that crashes does so at the start, or at the first open', async () => {
    const early = await start('crashes at start');
    await until(() => early.child.signalCode === 'SIGSEGV');
    const late = await start('crashes at open');
    await expect(run('nbdinfo', [uri()])).rejects.toThrow();
    await until(() => late.child.signalCode === 'SIGSEGV');
  });
});

test("everything else is nbdkit's own business", async () => {
  expect((await run(WRAPPER, ['--version'])).stdout).toMatch(/^nbdkit \d/);
  expect((await run(WRAPPER, ['null', '--dump-plugin'])).stdout).toContain('name=null');
  const dump = await run(WRAPPER, ['vddk', `libdir=${join(directory, 'vddk')}`, '--dump-plugin']);
  expect(dump.stdout).toContain('vddk_library_version=8');
  await expect(run(WRAPPER, ['vddk', 'libdir=/nonexistent', '--dump-plugin'])).rejects.toThrow(/libvixDiskLib/);
});
