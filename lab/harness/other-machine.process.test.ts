import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from './free-port.js';
import { otherMachine, setNetwork } from './other-machine.js';
import { processesWith } from './processes.js';
import { until } from './until.js';

const [NAME, VALUE] = ['MIGPLAN_TEST_OF_OTHER_MACHINE', String(process.pid)] as const;
const MARKER = `${NAME}=${VALUE}`;
const ABSTRACT = `\0other-machine-${process.pid}`;
/** More than any buffer on the way holds. */
const BYTES = randomBytes(8 * 2 ** 20);

/** Answers with all that was said when no more is to come. */
const echo = async (where: number | string): Promise<Server> => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    const said: Buffer[] = [];
    socket.on('data', (chunk) => said.push(chunk)).on('end', () => socket.end(Buffer.concat(said)));
  });
  server.listen(typeof where === 'number' ? { port: where, host: '127.0.0.1' } : { path: where });
  await once(server, 'listening');
  return server;
};
const portOf = (server: Server): number => (server.address() as AddressInfo).port;

let folder: string;
let named: Server;
let servers: readonly Server[];
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'other-machine-'));
  path = join(folder, 'socket');
  servers = await Promise.all([echo(0), echo(0), echo(ABSTRACT), echo(path)]);
  [named] = servers as [Server];
});
afterAll(async () => {
  for (const server of servers) server.close();
  await rm(folder, { recursive: true });
});

const there = (reaches: readonly number[], ...program: readonly string[]): ChildProcess => {
  const [command = '', ...words] = [...otherMachine('runner-1', { reaches }), ...program];
  return spawn(command, words, { env: { PATH: process.env['PATH'], [NAME]: VALUE }, stdio: ['pipe', 'pipe', 'pipe'] });
};

/** What comes back of all bytes, as its SHA-256, or how connecting fails. `at`: as `net.connect` takes it. */
const ASKS = `const [at] = process.argv.slice(1).map(JSON.parse);
  const { connect } = require('node:net'), { buffer } = require('node:stream/consumers');
  const socket = connect({ ...at, allowHalfOpen: true });
  socket.on('error', ({ code }) => { console.log(code); process.exit(0); });
  process.stdin.pipe(socket);
  buffer(socket).then((said) => console.log(require('node:crypto').createHash('sha256').update(said).digest('hex')), () => {});`;

async function asked(reaches: readonly number[], at: object, said = BYTES): Promise<{ answer: string; complaint: string }> {
  const child = there(reaches, process.execPath, '-e', ASKS, JSON.stringify(at));
  child.stdin?.on('error', () => undefined).end(said);
  const [answer, complaint] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
  return { answer: answer.trim(), complaint: complaint.trim() };
}

const SAME = { answer: createHash('sha256').update(BYTES).digest('hex'), complaint: '' };

test('a port that is named leads to the one here, whole and both ways', async () => {
  expect(await asked([portOf(named)], { port: portOf(named), host: '127.0.0.1' })).toEqual(SAME);
});

test('one that is not named leads nowhere, whoever listens here; nor does a name of a socket without a file', async () => {
  const nobody = { answer: 'ECONNREFUSED', complaint: '' };
  const [, unnamed] = servers as [Server, Server];
  expect(await asked([portOf(named)], { port: portOf(unnamed), host: '127.0.0.1' })).toEqual(nobody);
  expect(await asked([portOf(named)], { port: portOf(unnamed), host: '::1' })).toEqual(nobody);
  expect(await asked([portOf(named)], { path: ABSTRACT })).toEqual(nobody);
});

test('a socket that is a file leads here', async () => {
  expect(await asked([], { path })).toEqual(SAME);
});

test('where nobody takes the connection here, both that program and whoever reads its errors are told', async () => {
  const port = await freePort();
  expect(await asked([port], { port, host: '127.0.0.1' }, Buffer.alloc(0))).toEqual({
    answer: 'ECONNRESET',
    complaint: `runner-1: 127.0.0.1:${port} of the machine outside: Connection refused`,
  });
});

test('a program that is not there, or a port that is none, starts nothing', async () => {
  expect(await text(there([], join(folder, 'nothing')).stderr!)).toContain('FileNotFoundError');
  expect(await text(there([65_536], 'true').stderr!)).toContain('OverflowError');
  await until('all to be gone', noneLeft);
});

const noneLeft = async (): Promise<boolean> => (await processesWith(MARKER)).length === 0;

test('it has a name of its own and is the process that was started; killed, it leaves nothing', async () => {
  const machine = there([portOf(named)], 'sh', '-c', 'echo "$(hostname) $$"; exec sleep 600');
  const [told] = (await once(machine.stdout!, 'data')) as [Buffer];
  expect(told.toString('utf8')).toBe(`runner-1 ${machine.pid}\n`);
  expect(hostname()).not.toBe('runner-1');
  expect(await processesWith(MARKER)).toHaveLength(2);
  machine.kill('SIGKILL');
  await until('all to be gone', noneLeft);
});

/** Whenever something comes to its input: whether there is an answer within 3 s. */
const TRIES = `const [port] = process.argv.slice(1).map(Number);
  process.stdin.on('data', () => {
    const socket = require('node:net').connect({ port, host: '127.0.0.1' }, () => socket.write('x'));
    const told = (what) => { socket.destroy(); console.log(what); };
    socket.setTimeout(3000, () => told('nothing')).on('data', () => told('an answer'));
  });`;

test('silenced, its network takes a connection and nothing comes back, until it is on again', async () => {
  const parrot = createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(0, '127.0.0.1');
  await once(parrot, 'listening');
  const machine = there([portOf(parrot)], process.execPath, '-e', TRIES, String(portOf(parrot)));
  const tried = async (): Promise<string> => {
    machine.stdin!.write('?');
    return String((await once(machine.stdout!, 'data'))[0]).trim();
  };
  expect(await tried()).toBe('an answer');
  await setNetwork(machine.pid!, 'silent');
  expect(await tried()).toBe('nothing');
  await setNetwork(machine.pid!, 'on');
  expect(await tried()).toBe('an answer');
  await setNetwork(machine.pid!, 'silent');
  machine.kill('SIGKILL');
  await until('all to be gone', noneLeft);
  parrot.close();
});

test('so does one whose parent is killed', async () => {
  const words = JSON.stringify([...otherMachine('runner-1', { reaches: [portOf(named)] }), 'sleep', '600']);
  const starts = `const [program, ...words] = ${words};
    require('node:child_process').spawn(program, words, { stdio: 'inherit' });`;
  const parent = spawn(process.execPath, ['-e', starts], { env: { PATH: process.env['PATH'], [NAME]: VALUE }, stdio: 'ignore' });
  await until('all to run', async () => {
    const running = await processesWith(MARKER);
    return running.length === 3 && running.some(({ command }) => command.startsWith('sleep'));
  });
  parent.kill('SIGKILL');
  await until('all to be gone', noneLeft);
});
