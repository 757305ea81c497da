import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { ConnectProxy } from '../../lab/harness/connect-proxy.js';
import type { Diagnostic } from '../../src/diag/diagnostic.js';
import type { EndedApply } from '../../src/engine/notify/events-of.js';
import { notify } from '../../src/engine/notify/notify.js';
import type { NotifyConfig, WebhookConfig } from '../../src/manifest/project/project-config.js';
import { StateFolder } from '../../src/state/state-folder.js';

const KEY = '/services/T0000/xoxb-very-secret-key';

interface Got {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
}

/** A web server that notes what it gets, and answers as it is told. */
async function receiver(answer: (response: ServerResponse, count: number) => void) {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, unknown>;
      got.push({ method: request.method!, path: request.url!, headers: request.headers, body });
      answer(response, got.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { got, host: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const says =
  (status: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(status, headers).end('you sent xoxb-very-secret-key');

let folder: string;
let state: StateFolder;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'notify-'));
  state = await StateFolder.open(join(folder, '.migplan'));
});
afterEach(() => rm(folder, { recursive: true }));

const source = { file: 'migplan.yaml', start: { line: 1, column: 1, offset: 0 }, end: { line: 1, column: 1, offset: 0 } };
const done: EndedApply = {
  exit: 0,
  run: 'abcdefghijkl',
  outcomes: [{ address: 'vm/a', result: 'done', diagnostics: [] }],
  diagnostics: [],
  bytes: 4096,
  seconds: 1,
};

interface Told {
  readonly ended?: EndedApply;
  readonly on?: NotifyConfig['on'];
  readonly url?: string;
  readonly webhook?: Partial<WebhookConfig>;
  readonly command?: readonly [string, ...string[]];
  readonly commandTimeoutMs?: number;
  readonly env?: Record<string, string>;
}

const tell = ({ ended = done, on = ['finished', 'failed'], url, webhook, command, commandTimeoutMs = 30_000, env = {} }: Told) =>
  notify({
    config: {
      on,
      ...((url !== undefined || webhook !== undefined) && {
        webhook: { url: { kind: 'env', name: 'HOOK', source }, timeoutMs: 1000, ...webhook },
      }),
      ...(command && { command: { argv: command, folder, timeoutMs: commandTimeoutMs } }),
    },
    ended,
    project: 'acme',
    version: '1.2.3',
    env: { ...env, ...(url !== undefined && { HOOK: url }) },
    state,
  });

/** One warning that says this, and nothing of the secret. */
function expectWarning(found: readonly Diagnostic[], ...says: readonly (string | RegExp)[]): void {
  expect(found.map(({ severity, code }) => [severity, code])).toEqual([['warning', 'MP8020']]);
  for (const words of says) expect(found[0]!.detail).toMatch(words);
  expect(found[0]!.nextSteps?.length).toBeGreaterThan(0);
  expect(JSON.stringify(found)).not.toMatch(/very-secret|T0000/);
}

describe('a webhook', () => {
  test('gets the notification as JSON, once', async () => {
    const { got, host } = await receiver(says(204));
    expect(await tell({ url: `http://us%65r:pa%3Ass@${host}${KEY}?thread=7` })).toEqual([]);
    expect(got.map(({ method, path }) => [method, path])).toEqual([['POST', `${KEY}?thread=7`]]);
    expect(got[0]!.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'migplan/1.2.3',
      authorization: `Basic ${btoa('user:pa:ss')}`,
    });
    expect(got[0]!.body).toMatchObject({ event: 'finished', project: 'acme', results: { done: 1 }, run: 'abcdefghijkl' });
  });

  test('may have its URL in a private file', async () => {
    const { got, host } = await receiver(says(200));
    const path = join(folder, 'url');
    await writeFile(path, `http://${host}${KEY}\n`, { mode: 0o600 });
    expect(await tell({ webhook: { url: { kind: 'file', path, source } } })).toEqual([]);
    expect(got.length).toBe(1);
    await chmod(path, 0o644);
    expectWarning(await tell({ webhook: { url: { kind: 'file', path, source } } }), 'is open to other users');
    expect(got.length).toBe(1);
  });

  test('hears only of what it asked for', async () => {
    const { got, host } = await receiver(says(200));
    const url = `http://${host}${KEY}`;
    const { run: _, ...unchanged } = { ...done, outcomes: [] };
    await tell({ url, on: ['failed'] });
    await tell({ url, ended: unchanged });
    expect(got).toEqual([]);
    await tell({ url, ended: unchanged, on: ['unchanged'] });
    await tell({
      url,
      on: ['failed', 'needs-approval'],
      ended: {
        ...done,
        exit: 6,
        outcomes: [
          { address: 'vm/a', result: 'failed', diagnostics: [] },
          { address: 'vm/b', result: 'not-approved', diagnostics: [] },
        ],
      },
    });
    expect(got.map(({ body }) => body['event'])).toEqual(['unchanged', 'failed', 'needs-approval']);
  });

  test('that is busy is asked again, with the same id, and no sooner than it says', async () => {
    const { got, host } = await receiver((response, count) => says(count === 1 ? 429 : 200, { 'retry-after': '2' })(response));
    const beganMs = performance.now();
    expect(await tell({ url: `http://${host}${KEY}` })).toEqual([]);
    expect(performance.now() - beganMs).toBeGreaterThan(1900);
    expect(new Set(got.map(({ body }) => body['id'])).size).toBe(1);
    expect(got.length).toBe(2);
  });

  test('that stays broken is asked three times', async () => {
    const { got, host } = await receiver(says(500));
    expectWarning(await tell({ url: `http://${host}${KEY}` }), `the webhook at ${host} (env:HOOK) answered HTTP 500`);
    expect(got.length).toBe(3);
  });

  test.each([
    [404, 'answered HTTP 404'],
    [401, 'answered HTTP 401'],
  ])('that refuses with %i is not asked again', async (status, words) => {
    const { got, host } = await receiver(says(status));
    expectWarning(await tell({ url: `http://${host}${KEY}` }), words);
    expect(got.length).toBe(1);
  });

  // Elsewhere the POST became a GET without a body, and its 200 a delivery.
  test.each([301, 302, 303, 307, 308])('that sends on (%i) has not got it, and nobody else gets it', async (status) => {
    const other = await receiver(says(200));
    const { got, host } = await receiver(says(status, { location: `http://${other.host}${KEY}` }));
    const found = await tell({ url: `http://${host}${KEY}` });
    expectWarning(found, `HTTP ${status}`);
    expect(found[0]!.nextSteps!.join()).toContain('sends on to another address');
    expect([got.length, other.got.length]).toEqual([1, 0]);
  });

  test('that never answers is given up after its time, three times', async () => {
    const { got, host } = await receiver(() => undefined);
    expectWarning(await tell({ url: `http://${host}${KEY}`, webhook: { timeoutMs: 300 } }), 'does not answer within 0.3 s');
    expect(got.length).toBe(3);
  });

  test('whose answer never ends is no reason to wait', async () => {
    const { host } = await receiver((response) => void response.writeHead(200).write('x'.repeat(100_000)));
    expect(await tell({ url: `http://${host}${KEY}` })).toEqual([]);
  });

  test('that nobody listens at is told by host and port only', async () => {
    const { host } = await receiver(says(200));
    const closed = host.replace(/:\d+/, ':9');
    expectWarning(await tell({ url: `http://${closed}${KEY}` }), closed, /ECONNREFUSED/);
    expectWarning(await tell({ url: `http://no-such-host.invalid${KEY}` }), 'no-such-host.invalid');
  });

  test.each([
    ['', 'HOOK is empty'],
    ['not a URL xoxb-very-secret-key', 'what is in env:HOOK is no URL'],
    ['ftp://example.com/very-secret', 'what is in env:HOOK is no URL'],
    ['https://%zz:x@example.com/very-secret', 'what is in env:HOOK is no URL'],
  ])('of which the variable says "%s" is not called', async (url, words) => expectWarning(await tell({ url }), words));

  test('whose variable is not set is told with its place', async () => {
    const found = await tell({ webhook: {} });
    expectWarning(found, 'HOOK is not set');
    expect(found[0]!.source).toEqual(source);
  });

  test('whose authorities cannot be read is not called', async () => {
    const { got, host } = await receiver(says(200));
    expectWarning(await tell({ url: `http://${host}${KEY}`, webhook: { caFile: join(folder, 'none.pem') } }), 'none.pem');
    expect(got).toEqual([]);
  });

  test('is called through the proxy of the environment, and directly where NO_PROXY says so', async () => {
    await using proxy = await ConnectProxy.start();
    const { got, host } = await receiver(says(200));
    const env = { HTTP_PROXY: `http://${proxy.address}` };
    expect(await tell({ url: `http://${host}${KEY}`, env })).toEqual([]);
    expect(proxy.asked).toEqual([host]);
    expect(await tell({ url: `http://${host}${KEY}`, env: { ...env, NO_PROXY: '127.0.0.1' } })).toEqual([]);
    expect([proxy.asked.length, got.length]).toEqual([1, 2]);
    proxy.refusesWith = 403;
    expectWarning(await tell({ url: `http://${host}${KEY}`, env }), proxy.address);
    expectWarning(await tell({ url: `http://${host}${KEY}`, env: { HTTP_PROXY: 'socks5://127.0.0.1:1' } }), 'HTTP_PROXY');
  });
});

describe('a command', () => {
  const program = async (text: string): Promise<void> => {
    await writeFile(join(folder, 'tell'), `#!/bin/sh\n${text}\n`);
    await chmod(join(folder, 'tell'), 0o755);
  };
  const command = ['./tell', '--team', '$(touch pwned)'] as const;

  test('gets the notification, its arguments as they are, and none of our secrets', async () => {
    vi.stubEnv('HOOK', `http://example.com${KEY}`);
    onTestFinished(() => void vi.unstubAllEnvs());
    await program('cat >got.json; env >env; printf "%s\\n" "$@" >args');
    await tell({ command });
    expect(JSON.parse(await readFile(join(folder, 'got.json'), 'utf8'))).toMatchObject({ event: 'finished', exit_code: 0 });
    expect(await readFile(join(folder, 'args'), 'utf8')).toBe('--team\n$(touch pwned)\n');
    await tell({ command, url: 'http://127.0.0.1:9/' });
    expect(await readFile(join(folder, 'env'), 'utf8')).not.toContain('very-secret');
    await expect(readFile(join(folder, 'pwned'))).rejects.toThrow('ENOENT');
  });

  test('has what it says in the logs of the run', async () => {
    await program('echo on stdout; echo on stderr >&2');
    expect(await tell({ command })).toEqual([]);
    const log = await readFile(join(state.logsFolder('abcdefghijkl'), 'tell.log'), 'utf8');
    expect(log).toContain('on stdout');
    expect(log).toContain('on stderr');
  });

  test('that fails is a warning with what it said', async () => {
    await program('echo "no route\\033[2J" >&2; exit 3');
    const found = await tell({ command });
    expectWarning(found, 'the command ./tell ended with 3');
    expect(found[0]!.lines).toEqual(['it said: no route\u001b[2J']);
  });

  test('that does not read, or is not there', async () => {
    await program('exit 0');
    expect(await tell({ command })).toEqual([]);
    expectWarning(await tell({ command: ['./nowhere'] }), './nowhere is no program that can be run');
  });

  test('that never ends is stopped', async () => {
    await program('echo $$ >pid; sleep 1000');
    expectWarning(await tell({ command, commandTimeoutMs: 1000 }), 'had not ended after 1 s');
    const pid = Number(await readFile(join(folder, 'pid'), 'utf8'));
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test('and a webhook do not wait for each other to succeed', async () => {
    const { got, host } = await receiver(says(200));
    await program('exit 1');
    expectWarning(await tell({ command, url: `http://${host}${KEY}` }), './tell ended with 1');
    expect(got.length).toBe(1);
    await program('cat >got.json');
    expectWarning(await tell({ command, url: `http://127.0.0.1:9${KEY}` }), '127.0.0.1:9');
    expect(JSON.parse(await readFile(join(folder, 'got.json'), 'utf8'))).toMatchObject({ event: 'finished' });
  });
});
