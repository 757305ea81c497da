import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { projectRoot } from '../harness/project-root.js';
import { ensureBuilt } from '../vcenter-sim/ensure-built.js';
import { startOpenStackSim } from './index.js';
import { exampleCloud } from './sim-fixture.js';

let dir: string;
beforeAll(() => ensureBuilt(projectRoot, ['src', 'lab']));
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'openstack-sim-main-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const main = new URL('../../dist/lab/openstack-sim/main.js', import.meta.url).pathname;

describe('the program', () => {
  test('writes the ready file, answers, and ends on SIGTERM', async () => {
    const [config, ready] = [join(dir, 'cloud.json'), join(dir, 'ready.json')];
    writeFileSync(config, JSON.stringify(exampleCloud));
    const appeared = fileAppears(dir, 'ready.json');
    const child = spawn(process.execPath, [main, '--config', config, '--state', join(dir, 'state'), '--ready', ready], {
      stdio: 'inherit',
    });
    const ended = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
    await appeared;
    const about = JSON.parse(readFileSync(ready, 'utf8')) as { authUrl: string; control: string; pid: number };
    expect(about.pid).toBe(child.pid);
    expect((await fetch(about.authUrl)).status).toBe(200);
    expect(await (await fetch(`${about.control}/volumes`)).json()).toEqual([]);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  test('says what is wrong with its configuration', async () => {
    const config = join(dir, 'cloud.json');
    writeFileSync(config, '{"projects": [], "users": []}');
    const child = spawn(process.execPath, [main, '--config', config, '--state', dir, '--ready', join(dir, 'ready')], {
      stdio: 'pipe',
    });
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
    });
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(1);
    expect(said).toContain('projects is empty');
  });
});

test('serves over TLS with an authority of its own', async () => {
  const sim = await startOpenStackSim({ config: exampleCloud, stateDir: dir, tls: true });
  const ca = readFileSync(sim.caFile ?? '');
  const status = await new Promise((resolve, reject) => {
    get(sim.authUrl, { ca, agent: false }, (response) => resolve(response.resume().statusCode)).on('error', reject);
  });
  expect(status).toBe(200);
  await expect(fetch(sim.authUrl)).rejects.toThrow();
  await sim.close();
});

function fileAppears(parent: string, name: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(parent, () => {
      if (!existsSync(join(parent, name))) return;
      watcher.close();
      resolve();
    });
  });
}
