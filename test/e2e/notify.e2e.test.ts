import { chmod, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { startCli } from '../../lab/harness/cli.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { filesWith } from '../../lab/harness/secret-watch.js';
import { copying, guestWrites, manifestOf, migplan, said } from './steps.js';

// Whoever waits for an apply hears of it, however it ends, and whether they hear changes nothing of it.
const KEY = 'xoxb-very-secret-key';
// A request that this machine is too busy to answer would be made once more.
const NOTIFY = '  notify: {webhook: {url: "env:HOOK", timeout: 2m}, command: [./tell]}\n';

interface Told {
  readonly event: string;
  readonly exit_code: number;
  readonly run?: string;
  readonly results: Readonly<Record<string, number>>;
  readonly diagnostics: readonly { readonly code: string }[];
}

let bench: Bench;
let project: LabProject;
let server: Server;
let got: Told[] = [];
let status = 204;
let env: Record<string, string>;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      got.push(JSON.parse(body) as Told);
      response.writeHead(status).end(KEY);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  env = { HOOK: `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/${KEY}` };
  bench = await Bench.open({ source: vcenter([{ name: 'app' }, { name: 'cut' }]), target: simulatedCloud() });
  project = await bench.project('told');
  await project.manifest('app', manifestOf('app', 'phase: sync'));
  await project.edit('migplan.yaml', (text) => `${text}${NOTIFY}`);
  await writeFile(join(project.folder, 'tell'), '#!/bin/sh\necho heard\ncat >heard.json\nenv >env\n');
  await chmod(join(project.folder, 'tell'), 0o755);
});
beforeEach(() => {
  got = [];
  status = 204;
});
afterEach(async () => {
  await bench.source.control.setVddk({});
  expect(await bench.leftovers()).toEqual([]);
});
afterAll(async () => {
  server.close();
  await bench[Symbol.asyncDispose]();
});

const apply = (exit: number, ...args: readonly string[]) => migplan(project, ['apply', '--auto-approve', ...args], { exit, env });
const events = (): string[] => got.map(({ event, exit_code }) => `${event} ${exit_code}`);

test('doctor says beforehand whether they would hear of an apply, and tells them nothing', async () => {
  const doctor = ['doctor', '--for', 'sync'];
  const well = said(await migplan(project, doctor, { env }));
  expect(well).toMatch(/^ok {4}notification webhook +127\.0\.0\.1:\d+ can be reached; nothing was posted$/m);
  expect(well).toMatch(/^ok {4}notification command +\S+\/tell$/m);
  await chmod(join(project.folder, 'tell'), 0o644);
  const wrong = said(await migplan(project, doctor, { env: { HOOK: `http://127.0.0.1:9/${KEY}` } }));
  await chmod(join(project.folder, 'tell'), 0o755);
  expect(wrong.match(/^warn {2}notification (webhook|command)/gm)).toHaveLength(2);
  expect(wrong).toContain('the webhook at 127.0.0.1:9 (env:HOOK) cannot be reached');
  expect(wrong).not.toContain(KEY);
  expect(got).toEqual([]);
});

test('what was done is told to both, and what the command says is in the log of the run', async () => {
  const told = said(await apply(0));
  expect(told).not.toContain('MP8020');
  expect(events()).toEqual(['finished 0']);
  expect(got[0]!.results).toEqual({ done: 1 });
  expect(JSON.parse(await readFile(join(project.folder, 'heard.json'), 'utf8'))).toEqual(got[0]);
  expect(said(await migplan(project, ['runs', 'logs', got[0]!.run!]))).toMatch(/tell\.log.*\n.*\n.*heard/);
  expect(await readFile(join(project.folder, 'env'), 'utf8')).not.toContain(KEY);
});

test('a second run with nothing to do is told only to who asked for it', async () => {
  await project.manifest('app', manifestOf('app', 'phase: seed'));
  await apply(0);
  expect(events()).toEqual([]);
  await project.edit('migplan.yaml', (text) => text.replace('notify: {', 'notify: {on: [unchanged], '));
  await apply(0);
  expect(events()).toEqual(['unchanged 0']);
  await project.edit('migplan.yaml', (text) => text.replace('on: [unchanged], ', ''));
});

test('what never began is told, too: a wrong password, a manifest that is wrong, a plan that was altered', async () => {
  await project.manifest('app', manifestOf('app', 'phase: sync'));
  await migplan(project, ['apply', '--auto-approve'], { exit: 1, env: { ...env, VCENTER_PASSWORD: 'wrong' } });
  expect(got[0]!.diagnostics.map(({ code }) => code)).toEqual(['MP5001']);
  await migplan(project, ['plan', '--out', 'plan.json'], { env });
  await project.edit('plan.json', (text) => text.replace(/"digest": ?"sha256:./, '"digest":"sha256:0x'));
  await migplan(project, ['apply', 'plan.json'], { exit: 4, env });
  await project.manifest('app', manifestOf('app', 'phase: synk'));
  await apply(1);
  expect(events()).toEqual(['failed 1', 'failed 4', 'failed 1']);
  expect(got.some(({ run }) => run !== undefined)).toBe(false);
  await project.manifest('app', manifestOf('app', 'phase: sync'));
  await migplan(project, ['apply', '--nonsense'], { exit: 1, env });
  expect(got.length).toBe(3);
});

test('a cutover that nobody approved waits for somebody', async () => {
  await project.manifest('cut', manifestOf('cut', 'phase: cutover'));
  await apply(6, '--target', 'vm/cut');
  expect(events()).toEqual(['needs-approval 6']);
  await project.removeManifest('cut');
});

test('Ctrl-C in the middle of a copy is a failure that is told', async () => {
  await guestWrites(bench, 'app', 3);
  await bench.source.control.setVddk({ readDelayMs: 200 });
  const run = startCli(project, ['apply', '--auto-approve'], { env });
  await copying(bench);
  run.child.kill('SIGINT');
  const ended = await run.finished;
  expect(ended.code, said(ended)).toBe(130);
  expect(events()).toEqual(['failed 130']);
  expect(got[0]!.results).toEqual({ interrupted: 1 });
});

test('nobody who cannot be told changes how it ends, and the secret URL is in nothing that is said or kept', async () => {
  await guestWrites(bench, 'app', 4);
  status = 404;
  await project.edit('tell', () => `#!/bin/sh\necho no >&2\nexit 7\n`);
  const [human, json] = [await apply(0, '--verbose'), await apply(0, '--json')];
  for (const text of [said(human), said(json)]) {
    expect(text).toContain('the webhook at 127.0.0.1:');
    expect(text).toContain('answered HTTP 404');
    expect(text).toContain('the command ./tell ended with 7');
    expect(text).not.toContain(KEY);
  }
  const lines = json.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { diagnostic?: { code: string; severity: string } });
  expect(lines.filter(({ diagnostic }) => diagnostic?.code === 'MP8020').map(({ diagnostic }) => diagnostic!.severity)).toEqual([
    'warning',
    'warning',
  ]);
  expect(await filesWith(project.folder, [KEY])).toEqual([]);
});
