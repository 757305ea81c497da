import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { type CliResult, startCli } from '../../lab/harness/cli.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { leftHere } from '../../lab/harness/leftovers.js';
import { otherMachine } from '../../lab/harness/other-machine.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { until } from '../../lab/harness/until.js';
import { type StateServer, type StateServerOptions, startStateServer } from '../../lab/state-server/index.js';
import { newestMadeOn } from './listed-run.js';
import { copying, expectCopied, guestWrites, manifestOf, migplan, type Step, said, seeded } from './steps.js';

// Two machines, each with a folder of its own, and a state on a server that both see.
const HOST = 'runner-1';
const TOKEN = 'glpat-Qz8-state-Token';
const VMS = ['seed', 'delta', 'busy', 'away', 'ended', 'revoked', 'moved'];

const people = [{ user: 'ci', token: TOKEN, password: TOKEN }] as const;
const dialects: readonly [string, StateServerOptions][] = [
  ['GitLab', { dialect: 'gitlab', people }],
  ['a server of Terraform’s protocol', { dialect: 'terraform', people }],
];

describe.each(dialects)('a state on %s', (_name, options) => {
  let server: StateServer;
  let bench: Bench;
  let first: LabProject;
  let second: LabProject;
  /** All that was printed, and traced. */
  const heard: string[] = [];

  beforeAll(async () => {
    bench = await Bench.open({ source: vcenter(VMS.map((name) => ({ name }))), target: simulatedCloud() });
    server = await startStateServer({ ...options, tlsFolder: join(bench.folder, 'tls') });
    first = await bench.project('first');
    second = await bench.project('second');
    for (const machine of [first, second]) await withState(machine);
  });
  afterEach(async () => {
    server.control.clearFaults();
    await server.start();
    await bench.source.control.setVddk({});
    // Sockets of a run that was killed go with the next one that works on its machine.
    expect((await bench.leftovers()).filter((left) => !left.startsWith('run folder'))).toEqual([]);
    for (const machine of [first, second]) for (const vm of VMS) await machine.removeManifest(vm);
    expect(
      server.control.names().filter((name) => server.control.state(name)?.lock !== undefined),
      'locks',
    ).toEqual([]);
  });
  afterAll(async () => {
    await server.close();
    await bench[Symbol.asyncDispose]();
  });

  const stateText = (more = ''): string => {
    const address = `${server.url}/{name}`;
    const gitlab = `, lockAddress: "${address}/lock", lockMethod: POST, unlockMethod: DELETE`;
    const lock = options.dialect === 'gitlab' ? gitlab : '';
    return `{type: http, address: "${address}"${lock}, user: ci, password: "env:STATE_TOKEN", caFile: "${server.caFile}"${more}}`;
  };
  const withState = (machine: LabProject, more?: string): Promise<void> =>
    machine.edit('migplan.yaml', (text) => text.replace('spec:\n', `spec:\n  state: ${stateText(more)}\n`));

  const environment = { STATE_TOKEN: TOKEN, MIGPLAN_LOG: 'debug' };

  async function on(machine: LabProject, args: readonly string[], step: Step = {}): Promise<CliResult> {
    const result = await migplan(machine, args, { ...step, env: { ...environment, ...step.env } });
    heard.push(said(result));
    return result;
  }

  async function declared(vm: string, phase: string): Promise<void> {
    for (const machine of [first, second]) await machine.manifest(vm, manifestOf(vm, `phase: ${phase}`));
  }

  /** The first machine has a network of its own. */
  const there = (): readonly string[] => otherMachine(HOST, { reaches: [...bench.ports, Number(new URL(server.url).port)] });

  const both = ['apply', '--auto-approve'];

  /** On the first machine, in the middle of its copy. */
  async function copyingThere() {
    await bench.source.control.setVddk({ readDelayMs: 200 });
    const running = startCli(first, both, { env: environment, through: there() });
    await copying(bench);
    return running;
  }

  /** What the second machine is told while the first has the VM; the id of the lock. */
  async function refused(vm: string): Promise<string> {
    const told = said(await on(second, both, { exit: 5 }));
    expect(told).toMatch(new RegExp(`held by \\S+ \\(pid \\d+ on ${HOST}, apply \\w+, since `));
    const id = /migplan force-unlock (\S+)/.exec(told)?.[1] ?? expect.unreachable(told);
    expect((await on(second, ['lock', 'list'])).stdout).toMatch(new RegExp(`^vm/${vm} .* ${HOST} .* not seen +${id}$`, 'm'));
    return id;
  }

  test('both alive: one works, the other one ends with 5 and the name of who works; then it finds all done', async () => {
    await declared('busy', 'seed');
    const running = await copyingThere();
    running.child.kill('SIGSTOP');
    await refused('busy');
    running.child.kill('SIGCONT');
    await bench.source.control.setVddk({});
    const ended = await running.finished;
    heard.push(said(ended));
    expect(ended.code, said(ended)).toBe(0);
    await expectCopied(bench, 'busy', 2000);
    expect((await on(second, both)).stdout).toContain('No changes');
    expect((await on(second, ['lock', 'list'])).stdout).toContain('No locks');
  });

  describe('killed in the middle, on a machine that does not come back', () => {
    test.each(['seed', 'delta'])('of a %s: another one with an empty folder takes over, and leaves nothing', async (vm) => {
      await declared(vm, 'seed');
      if (vm === 'delta') {
        await on(first, both, { through: there() });
        await guestWrites(bench, vm, 7);
        await bench.source.control.guestWrite({ vm, offset: 0, length: 4 * 2 ** 20, fill: { seed: 9 } });
        await declared(vm, 'sync');
      }
      const running = await copyingThere();
      running.child.kill('SIGKILL');
      await running.finished;
      await bench.source.control.setVddk({});
      await until('all that it started to be gone', async () =>
        (await leftHere(first)).every((left) => !left.startsWith('process')),
      );
      const id = await refused(vm);
      expect(said(await on(second, ['force-unlock', id], { exit: 1 })), 'nobody can be asked').toContain('MP3010');
      await refused(vm);
      const dead = newestMadeOn(HOST, await on(second, ['runs', 'list', '--json']));
      expect(dead, 'nobody hears of it').toMatchObject({
        status: 'unknown',
        journal: 'elsewhere',
        vms: [{ address: `vm/${vm}` }],
      });
      expect(said(await on(second, ['runs', 'show', dead!.run], { exit: 1 }))).toContain(`was made on ${HOST}`);
      const plan = server.control.names().find((name) => /__plan-/.test(name) && server.control.state(name)?.lock !== undefined);
      expect(said(await on(second, ['force-unlock', id, '--force']))).toContain(`The lock of vm/${vm} is free. It was held by`);
      expect(said(await on(second, ['force-unlock', id, '--force'], { exit: 1 }))).toContain('MP3034');
      await on(second, ['force-unlock', server.control.state(plan!)!.lock!.ID, '--force']);
      await on(second, both);
      await expectCopied(bench, vm, 2000);
    });
  });

  test('asked to end in the middle of a copy it gives all locks back, and another machine goes on', async () => {
    await declared('ended', 'seed');
    const running = await copyingThere();
    running.child.kill('SIGTERM');
    const ended = await running.finished;
    heard.push(said(ended));
    expect(ended.code, said(ended)).toBe(143);
    expect(server.control.names().filter((name) => server.control.state(name)?.lock !== undefined)).toEqual([]);
    await bench.source.control.setVddk({});
    await on(second, both);
    await expectCopied(bench, 'ended', 2000);
  });

  test('a token that ends in the middle: the run fails and says so; its lock is told with the way to free it', async () => {
    await declared('revoked', 'seed');
    const running = await copyingThere();
    const rule = { path: /revoked/, do: { status: 401, body: '{"message":"401 Unauthorized"}' } } as const;
    server.control.addFault(rule);
    await bench.source.control.setVddk({});
    const ended = await running.finished;
    heard.push(said(ended));
    expect(ended.code, said(ended)).toBe(6);
    expect(said(ended)).toContain('HTTP 401');
    server.control.clearFaults();
    await on(second, ['force-unlock', await refused('revoked'), '--force']);
    await on(second, both);
    await expectCopied(bench, 'revoked', 2000);
  });

  test('killed in the moment of taking the lock: who is refused is told its id, and it can be freed', async () => {
    await declared('seed', 'sync');
    server.control.stealLock('acme__vm-seed', { ID: 'b0c1-short-of-breath', Who: 'somebody' });
    const told = said(await on(second, both, { exit: 5 }));
    expect(told).toContain('migplan force-unlock b0c1-short-of-breath');
    await on(second, ['force-unlock', 'b0c1-short-of-breath', '--force']);
    await on(second, both);
    await expectCopied(bench, 'seed', 2000);
  });

  test('the server is gone for 20 s in the middle of a copy: it is waited for', async () => {
    await declared('away', 'seed');
    const running = await copyingThere();
    await server.stop();
    await bench.source.control.setVddk({});
    await sleep(20_000);
    expect(running.child.exitCode, running.told()).toBeNull();
    await server.start();
    const ended = await running.finished;
    heard.push(said(ended));
    expect(ended.code, said(ended)).toBe(0);
    await expectCopied(bench, 'away', 2000);
  });

  test('the server is away: nothing is done, and what to look at is said', async () => {
    await declared('away', 'sync');
    await server.stop();
    const told = said(await on(second, both, { exit: 1 }));
    expect(told).toContain('MP3033');
    expect(told).toContain('look whether this machine reaches that server');
  });

  test('a wrong password: nothing is done, and what to put right is said', async () => {
    await declared('moved', 'seed');
    server.log.clear();
    const told = said(await on(second, both, { exit: 1, env: { STATE_TOKEN: 'glpat-Wr0ng-Token' } }));
    expect(told).toContain('MP3033');
    expect(told).toMatch(/HTTP 40[13] to reading/);
    expect(told).toContain(options.dialect === 'gitlab' ? 'put a login that is valid' : 'give this login the right');
    expect(told).not.toContain('glpat-Wr0ng-Token');
    expect(new Set(server.log.list().map(({ method }) => method))).toEqual(new Set(['GET']));
    expect((await bench.target.witness.volumes()).map(({ name }) => name)).not.toContain('moved-2000');
  });

  test('another authority: the certificate is not trusted, and where to name it is said', async () => {
    await declared('moved', 'seed');
    await second.edit('migplan.yaml', (text) => text.replace(`, caFile: "${server.caFile}"`, ''));
    const told = said(await on(second, both, { exit: 1 }));
    expect(told).toContain('MP3033');
    expect(told).toContain('caFile');
    await second.edit('migplan.yaml', (text) => text.replace(`password: "env:STATE_TOKEN"`, `$&, caFile: "${server.caFile}"`));
  });

  test('the state goes from the folder to the server and is looked at; a second one of another lineage is refused', async () => {
    const local = await bench.project('local');
    await seeded(bench, local, 'moved');
    const pulled = await migplan(local, ['state', 'pull']);
    await local.write('state.json', pulled.stdout);
    expect(said(await on(second, ['state', 'push', local.at('state.json')], { exit: 1 }))).toContain('MP3035');
    await withState(local, ', name: moved');
    expect((await on(local, ['state', 'list'])).stdout).toContain('nothing was applied yet');
    await on(local, ['state', 'push', 'state.json']);
    expect(said(await on(local, ['state', 'push', 'state.json'], { exit: 1 }))).toContain('--force');
    await on(local, ['state', 'push', 'state.json', '--force']);
    expect(JSON.parse((await on(local, ['state', 'pull'])).stdout)).toEqual(JSON.parse(pulled.stdout));
    await local.manifest('moved', manifestOf('moved', 'phase: seed'));
    server.log.clear();
    expect((await on(local, ['plan'])).stdout).toContain('No changes');
    await on(local, ['lock', 'list']);
    expect(new Set(server.log.list().map(({ method }) => method)), 'who plans needs to read only').toEqual(new Set(['GET']));
    await on(local, ['state', 'rm', 'moved']);
    expect(said(await on(local, ['state', 'show', 'moved'], { exit: 1 }))).toContain('MP3036');
  });

  test('no secret is in what was printed or traced, on the server, or in a folder of a machine', async () => {
    const secrets = [TOKEN, Buffer.from(`ci:${TOKEN}`).toString('base64')];
    const states = server.control.names().map((name) => server.control.state(name)?.body ?? '');
    const files = (await Promise.all([first, second].map(filesOf))).flat();
    expect(heard.join('\n')).toContain('debug state: ');
    expect(states.length).toBeGreaterThan(4);
    expect(files.length).toBeGreaterThan(4);
    for (const secret of [...secrets, ...Object.values(first.environment).filter((value) => /pass/i.test(value))])
      for (const text of [...heard, ...states, ...files]) expect(text).not.toContain(secret);
  });
});

/** Texts of all files that migplan keeps there. */
async function filesOf(machine: LabProject): Promise<string[]> {
  const below = await readdir(machine.at('.migplan'), { recursive: true, withFileTypes: true });
  const files = below.filter((entry) => entry.isFile());
  return Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'utf8')));
}
