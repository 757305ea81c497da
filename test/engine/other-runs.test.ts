import { rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type StateServer, startStateServer } from '../../lab/state-server/index.js';
import { findRun } from '../../src/engine/runs/find-run.js';
import { listedTogether } from '../../src/engine/runs/listed-together.js';
import { noteRun } from '../../src/engine/runs/note-run.js';
import { type OtherRuns, otherRuns } from '../../src/engine/runs/other-runs.js';
import { listRuns } from '../../src/engine/runs/read-runs.js';
import { type RunElsewhere, runsElsewhere } from '../../src/engine/runs/runs-elsewhere.js';
import { endTrace, traceInto } from '../../src/host/trace.js';
import { runId } from '../../src/model/ids.js';
import { ownIdentity } from '../../src/state/process-identity.js';
import { type IndexedRun, readRunIndex, withRun } from '../../src/state/run-index.js';
import { asGitLab, TOKEN } from '../state/backend/http-place.js';
import { RecordedRuntime } from './recorded-runs.js';

/** Two machines, with a folder each, that see one state on a server. */
async function serverOfStates(): Promise<StateServer> {
  const server = await startStateServer(asGitLab);
  onTestFinished(() => server.close());
  return server;
}

function machineOf({ url }: StateServer): Promise<RecordedRuntime> {
  const address = `${url}/{name}`;
  const fields = `type: http, address: "${address}", lockAddress: "${address}/lock", lockMethod: POST, unlockMethod: DELETE`;
  return RecordedRuntime.openNew(`  state: {${fields}, user: ci, password: "env:TOKEN"}\n`, { TOKEN });
}

const optionsOf = ({ project }: RecordedRuntime) => ({ cwd: project.folder, env: { TOKEN } });
const seenFrom = async (machine: RecordedRuntime): Promise<RunElsewhere[]> => runsElsewhere(await machine.state());

describe('a run on a state that others see', () => {
  test('is told to them when it has begun, and how it ended; here its journal says more', async () => {
    const server = await serverOfStates();
    await using first = await machineOf(server);
    await using second = await machineOf(server);
    let begun: readonly RunElsewhere[] = [];
    const { dataPlane } = first.world;
    first.dataPlaneOver = {
      copy: async (...asked: Parameters<typeof dataPlane.copy>) => {
        begun = await seenFrom(second);
        return dataPlane.copy(...asked);
      },
    } as Partial<typeof dataPlane>;
    const { run, exit, bytes } = await first.apply();
    const expected = { run, process: await ownIdentity(), migplan: '0.0.1', folder: first.project.folder };
    expect(begun).toEqual([
      expect.objectContaining({ ...expected, status: 'running', vms: [{ address: 'vm/web01' }], more_vms: 0 }),
    ]);
    expect(begun[0]).not.toHaveProperty('exit');
    expect(await seenFrom(second)).toEqual([expect.objectContaining({ ...expected, status: 'ended', exit, bytes })]);
    expect(await seenFrom(first)).toEqual([]);
    expect((await listRuns(await first.state())).map((one) => one.run)).toEqual([run]);
  });

  test('that fails as a whole has its exit code', async () => {
    const server = await serverOfStates();
    await using first = await machineOf(server);
    await using second = await machineOf(server);
    const others = await (await second.state()).prepare();
    const plan = await first.plan();
    await using _busy = await others.planLock(plan.plan.id).take('apply other', new Date());
    await expect(first.apply({ plan })).rejects.toThrow('is held by');
    expect(await seenFrom(second)).toMatchObject([{ status: 'ended', exit: 5 }]);
  });

  test('is none the worse where it cannot be told: that is traced', async () => {
    const server = await serverOfStates();
    await using machine = await machineOf(server);
    await machine.apply();
    const index = server.control.names().find((name) => name.endsWith('run-index-recent'))!;
    const { body = '', versions } = server.control.state(index)!;
    const serial = versions.length + 1;
    server.control.put(index, body.replace('"runs"', '"walks"').replace(/"serial":\d+/, `"serial":${serial}`), serial);
    const traced: string[] = [];
    traceInto('warn', (line) => traced.push(line));
    onTestFinished(endTrace);
    const { exit } = await machine.apply();
    expect(exit).toBe(0);
    expect(traced.filter((line) => /run \w+ could not be told in .*run-index/.test(line))).toHaveLength(2);
    expect(traced.join('')).not.toContain(TOKEN);
  });
});

test('a server that does not answer keeps nobody for longer than ten seconds, at the begin or at the end', async () => {
  const server = await serverOfStates();
  await using machine = await machineOf(server);
  const plan = await machine.plan();
  const state = await (await machine.state()).prepare();
  await state.runIndex.edit(() => '{"runs":[]}');
  let answers = (): void => undefined;
  const until = new Promise<void>((resolve) => {
    answers = resolve;
  });
  server.control.addFault({ path: /run-index/, do: { until } });
  const tookMs: number[] = [];
  const timed = async <T>(work: () => Promise<T>): Promise<T> => {
    const beganMs = performance.now();
    const made = await work();
    tookMs.push(performance.now() - beganMs);
    return made;
  };
  const started = { run: runId('abc123abc123'), plan, invocation: { version: '0', command: [] }, folder: '/srv' };
  const note = await timed(() => noteRun(state, started));
  await timed(() => note.end({ exit: 0 }));
  expect(Math.min(...tookMs), 'it was waited for').toBeGreaterThan(9_000);
  expect(Math.max(...tookMs)).toBeLessThan(14_000);
  answers();
  server.control.clearFaults();
  expect(await readRunIndex(state.runIndex)).toEqual([]);
});

test('a state of one machine is not told of its runs', async () => {
  await using machine = await RecordedRuntime.openNew();
  await machine.apply();
  const state = await machine.state();
  expect(await readRunIndex(state.runIndex)).toEqual([]);
  expect(await otherRuns(optionsOf(machine))).toEqual({ runs: [] });
});

const STRANGER: Omit<IndexedRun, 'process'> = {
  run: 'abc123',
  plan: 'p',
  folder: '/srv/move',
  migplan: '0.1.0',
  addresses: ['vm/a'],
  more: 3,
  startedAt: '2026-06-01T12:00:00.000Z',
};

describe('without an end a run of another machine is', () => {
  test.each<[string, string, object]>([
    ['running, when its process is seen from here', 'running', {}],
    ['killed, when its process is gone from here', 'killed', { pid: 2 ** 22 + 1 }],
    ['unknown, when this machine or a copy of it was started again', 'unknown', { boot: 'before' }],
    ['unknown, when nobody hears of it', 'unknown', { host: 'elsewhere' }],
  ])('%s', async (_what, status, process) => {
    await using machine = await machineOf(await serverOfStates());
    const state = await (await machine.state()).prepare();
    await state.runIndex.edit(withRun({ ...STRANGER, process: { ...(await ownIdentity()), ...process } }));
    // Where holders do not report, that a lock is held says nothing.
    await using _lock = await state.vmLock('web01').take('apply abc123', new Date());
    expect(await seenFrom(machine)).toMatchObject([{ run: 'abc123', status, vms: [{ address: 'vm/a' }], more_vms: 3 }]);
  });
});

const elsewhere = (run: string, startedAt: string): RunElsewhere =>
  ({
    run,
    startedAt,
    status: 'unknown',
    folder: '/srv',
    process: { host: 'h' },
    vms: [],
    more_vms: 0,
  }) as unknown as RunElsewhere;

test('the newest of both are listed, and how many there are besides', async () => {
  await using machine = await RecordedRuntime.openNew();
  const { run } = await machine.apply();
  const state = await machine.state();
  const others = [elsewhere('later', '2999-01-01T00:00:00.000Z'), elsewhere('before', '2000-01-01T00:00:00.000Z')];
  const listed = async (most: number) => {
    const { runs, more } = await listedTogether(state, others, most);
    return [runs.map((one) => one.run).join(), more];
  };
  expect(await listed(0)).toEqual([`later,${run},before`, 0]);
  expect(await listed(2)).toEqual([`later,${run}`, 1]);
  expect(await listed(1)).toEqual(['later', 2]);
});

describe('a run that is asked for and not here', () => {
  const known: OtherRuns = { runs: ['abc', 'abc1', 'abd2'].map((run) => elsewhere(run, '')) };
  const trouble = { severity: 'warning', code: 'MP3039', detail: 'the state is away', nextSteps: ['see to it'] } as const;
  test.each<[string, OtherRuns, RegExp]>([
    ['abd', known, /^run abd2 was made on h, in \/srv: its journal/],
    ['abc', known, /^run abc was made on h/],
    ['ab', known, /"ab" is the beginning of several runs: abc, abc1, abd2$/],
    ['x', known, /there is no run "x"/],
    ['', known, /there is no run ""/],
    ['x', { runs: [], trouble }, /there is no run "x" in .*, and the state is away$/],
  ])('"%s"', async (asked, others, why) => {
    await using machine = await RecordedRuntime.openNew();
    const refused = findRun(await machine.state(), asked, async () => others);
    await expect(refused).rejects.toMatchObject({ diagnostics: [{ code: 'MP3040', detail: expect.stringMatching(why) }] });
  });

  test('nobody else is asked for one that is here', async () => {
    await using machine = await RecordedRuntime.openNew();
    const { run } = await machine.apply();
    const never = () => expect.fail('somebody was asked');
    expect((await findRun(await machine.state(), run!.slice(0, 6), never)).run).toBe(run);
  });
});

describe('what others ran', () => {
  test('is told, though manifests are broken', async () => {
    const server = await serverOfStates();
    await using first = await machineOf(server);
    await using second = await machineOf(server);
    const { run } = await first.apply();
    await writeFile(join(second.project.folder, 'manifests', 'vm.yaml'), 'kind: [');
    expect(await otherRuns(optionsOf(second))).toMatchObject({ runs: [{ run, process: { host: hostname() } }] });
  });

  test.each<[string, (server: StateServer, machine: RecordedRuntime) => Promise<object>, RegExp]>([
    ['the server is away', async (server) => server.stop().then(() => ({ TOKEN })), /cannot be told: .* cannot be reached/],
    ['the secret is not there', async () => ({}), /cannot be told: .*TOKEN/],
  ])('is not known where %s: a warning, in short time', async (_what, prepare, why) => {
    const server = await serverOfStates();
    await using machine = await machineOf(server);
    const env = (await prepare(server, machine)) as Record<string, string>;
    const { runs, trouble } = await otherRuns({ cwd: machine.project.folder, env });
    expect(runs).toEqual([]);
    expect(trouble).toMatchObject({ severity: 'warning', code: 'MP3039', detail: expect.stringMatching(why) });
  });

  test('is nothing where there is no Project', async () => {
    await using machine = await RecordedRuntime.openNew();
    await rm(join(machine.project.folder, 'migplan.yaml'));
    expect(await otherRuns(optionsOf(machine))).toEqual({ runs: [] });
  });
});
