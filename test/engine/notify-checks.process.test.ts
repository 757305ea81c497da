import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConnectProxy } from '../../lab/harness/connect-proxy.js';
import { notifyChecks } from '../../src/engine/doctor/notify-checks.js';
import type { NotifyConfig } from '../../src/manifest/project/project-config.js';

const KEY = 'xoxb-very-secret-key';
const source = { file: 'migplan.yaml', start: { line: 1, column: 1, offset: 0 }, end: { line: 1, column: 1, offset: 0 } };
let folder: string;
let server: Server;
let host: string;
let requests = 0;
let connections = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'notify-checks-'));
  for (const [name, mode] of [
    ['tell', 0o755],
    ['plain', 0o644],
  ] as const) {
    await writeFile(join(folder, name), `#!/bin/sh\ntouch ${folder}/was-run\n`);
    await chmod(join(folder, name), mode);
  }
  server = createServer(() => requests++);
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

const url = { kind: 'env', name: 'HOOK', source } as const;
const withWebhook = (more = {}): NotifyConfig => ({ on: ['failed'], webhook: { url, timeoutMs: 5000, ...more } });
const withCommand = (...argv: [string, ...string[]]): NotifyConfig => ({
  on: ['failed'],
  command: { argv, folder, timeoutMs: 1000 },
});

async function told(config: NotifyConfig, env: Record<string, string> = {}) {
  const checks = await notifyChecks(config, env);
  const text = JSON.stringify(checks);
  expect(text).not.toContain(KEY);
  const severities = checks.flatMap(({ diagnostics }) => diagnostics.map(({ severity, code }) => `${severity} ${code}`));
  return { checks, severities, text };
}

test('a Project that tells nobody has no row', async () => {
  expect(await notifyChecks(undefined, {})).toEqual([]);
});

describe('the webhook', () => {
  test('that can be reached: it is connected to, and nothing is sent', async () => {
    const { checks } = await told(withWebhook(), { HOOK: `http://${host}/services/${KEY}` });
    expect(checks).toEqual([
      { name: 'notification webhook', found: `${host} can be reached; nothing was posted`, diagnostics: [] },
    ]);
    expect([connections, requests]).toEqual([1, 0]);
  });

  test('through the proxy of the environment, and a proxy that is not there', async () => {
    await using proxy = await ConnectProxy.start();
    const env = { HOOK: `https://${host}/services/${KEY}`, HTTPS_PROXY: `http://${proxy.address}` };
    // The server behind the proxy speaks no TLS.
    expect((await told(withWebhook(), env)).severities).toEqual(['warning MP8021']);
    expect(proxy.asked).toEqual([host]);
    const without = await told(withWebhook(), { ...env, HTTPS_PROXY: 'http://127.0.0.1:9' });
    expect(without.text).toContain('the proxy 127.0.0.1:9 (HTTPS_PROXY) cannot be reached');
  });

  test.each([
    [
      'nobody listens',
      { HOOK: `http://127.0.0.1:9/services/${KEY}` },
      {},
      'the webhook at 127.0.0.1:9 (env:HOOK) cannot be reached: ',
    ],
    ['the variable is not set', {}, {}, 'HOOK'],
    ['what is no URL', { HOOK: `ftp://${KEY}` }, {}, 'what is in env:HOOK is no URL'],
    ['authorities that are not there', { HOOK: `https://127.0.0.1:9/${KEY}` }, { caFile: '/nowhere/ca.pem' }, '/nowhere/ca.pem'],
  ] as const)('%s: a warning', async (_name, env, more, expected) => {
    const { severities, text } = await told(withWebhook(more), env);
    expect(severities).toEqual(['warning MP8021']);
    expect(text).toContain(expected);
  });
});

describe('the command', () => {
  test('that is there is named, and not run', async () => {
    const { checks } = await told(withCommand('./tell', '--team', 'migration'));
    expect(checks).toEqual([{ name: 'notification command', found: join(folder, 'tell'), diagnostics: [] }]);
    await expect(rm(join(folder, 'was-run'))).rejects.toThrow('ENOENT');
  });

  test.each(['./nowhere', './plain', 'no-such-program'])('%s cannot be run: a warning', async (name) => {
    const { severities, text } = await told(withCommand(name));
    expect(severities).toEqual(['warning MP8021']);
    expect(text).toContain(`the command ${name} is no program that can be run`);
  });
});
