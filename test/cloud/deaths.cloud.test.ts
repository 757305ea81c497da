import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { startCli } from '../../lab/harness/cli.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { leftHere } from '../../lab/harness/leftovers.js';
import { type RealTarget, realTarget } from '../../lab/harness/parts/real-target.js';
import { type Vcenter, vcenter } from '../../lab/harness/parts/vcenter.js';
import type { RealVolume } from '../../lab/harness/real-cloud.js';
import { until } from '../../lab/harness/until.js';
import { dieWhilePosting } from '../e2e/late-posts.js';
import { asConverted, expectCopied, manifestOf, migplan, said } from '../e2e/steps.js';

// Goal: whatever moment an apply dies at, the next one converges, and nothing is left in the cloud or in vCenter.
// Method: the real command, ended when the cloud itself shows that the moment has come.
const MiB = 2 ** 20;
let bench: Bench<Vcenter, RealTarget>;

const cases = [
  { vm: 'made', phase: 'seed', signal: 'SIGKILL', moment: 'a volume was made' },
  { vm: 'copied', phase: 'seed', signal: 'SIGKILL', moment: 'a checkpoint was reached' },
  { vm: 'copied-2', phase: 'seed', signal: 'SIGINT', moment: 'a checkpoint was reached' },
  { vm: 'held', phase: 'sync', signal: 'SIGKILL', moment: 'the volume is held' },
  { vm: 'delta', phase: 'sync', signal: 'SIGKILL', moment: 'a checkpoint was reached' },
  { vm: 'held-2', phase: 'sync', signal: 'SIGINT', moment: 'the volume is held' },
] as const;
const serverOnDemoNet = 'target: {server: {flavor: m1.nano, networks: [demo-net]}}';
const late = ['volumes', 'ports', 'servers'] as const;
const serverCases = [
  { vm: 'port', signal: 'SIGKILL', moment: 'a port was made' },
  { vm: 'build', signal: 'SIGKILL', moment: 'the server is there' },
  { vm: 'port-2', signal: 'SIGINT', moment: 'a port was made' },
] as const;

/** What is in the cloud before somebody dies: one run for all, from a project that is not used again. */
const seededBefore = [
  ...cases.filter(({ phase }) => phase === 'sync'),
  ...serverCases,
  ...late.flatMap((made) => (made === 'volumes' ? [] : [{ vm: `late-${made}` }])),
];

beforeAll(async () => {
  bench = await Bench.open({
    source: vcenter([
      ...cases.map(({ vm }) => ({ name: vm, disksMiB: [12], dataRatio: 0.8 })),
      ...serverCases.map(({ vm }) => ({ name: vm })),
      ...late.map((made) => ({ name: `late-${made}` })),
    ]),
    target: realTarget(),
  });
  const project = await bench.project('before');
  for (const { vm } of seededBefore) await project.manifest(vm, manifestOf(vm, 'phase: seed'));
  await migplan(project, ['apply', '--auto-approve']);
});

afterEach(async () => {
  await bench.source.control.setVddk({});
});

afterAll(() => bench[Symbol.asyncDispose]());

const volumeOf = async (vm: string): Promise<RealVolume | undefined> =>
  (await bench.target.cloud.volumes()).find(({ name }) => name === `${vm}-2000`);

const moments = {
  'a volume was made': async (vm: string) => (await volumeOf(vm)) !== undefined,
  'the volume is held': async (vm: string) => /reserved|attaching|in-use/.test((await volumeOf(vm))?.status ?? ''),
  'a checkpoint was reached': async (vm: string) => (await volumeOf(vm))?.metadata['migplan']?.includes(' p=') === true,
  'a port was made': async (vm: string) => (await bench.target.cloud.ports()).some(({ name }) => name.startsWith(vm)),
  'the server is there': async (vm: string) => (await bench.target.cloud.servers()).some(({ name }) => name === vm),
};

interface Death {
  readonly project: LabProject;
  readonly vm: string;
  readonly signal: NodeJS.Signals;
  readonly moment: keyof typeof moments;
}

/** Applies the saved plan and ends it at the moment. */
async function dies({ project, vm, signal, moment }: Death): Promise<void> {
  const run = startCli(project, ['apply', 'plan.json']);
  const ended = run.finished.then((result) => expect.unreachable(`it ended before ${moment}:\n${said(result)}`));
  await Promise.race([until(moment, () => moments[moment](vm)), ended]);
  run.child.kill(signal);
  ended.catch(() => undefined);
  const result = await run.finished;
  if (signal === 'SIGKILL') {
    expect(result.signal).toBe(signal);
    await until('its processes to end', async () => (await leftHere(project)).every((left) => !left.startsWith('process')));
  } else {
    expect([0, 130], said(result)).toContain(result.code);
    // Whoever is asked to stop gives everything back first; only a port waits for its server.
    expect((await bench.leftovers()).filter((left) => !left.startsWith('port'))).toEqual([]);
  }
}

test.each(cases)('$phase, $signal when $moment: the next run converges', async ({ vm, signal, phase, moment }) => {
  const { control } = bench.source;
  const project = await bench.project(vm);
  await project.manifest(vm, manifestOf(vm, `phase: ${phase}`));
  if (phase === 'sync') await control.guestWrite({ vm, offset: 0, length: 12 * MiB, fill: { seed: 3 } });
  const base = (await volumeOf(vm))?.metadata['changeID'] ?? '';
  await migplan(project, ['plan', '--out', 'plan.json']);
  await control.setVddk({ readDelayMs: 60 });
  await dies({ project, vm, signal, moment });
  // Until the volume is held nothing was written to it; from then on it says so itself. Never is it at the new changeID.
  const record = expect.stringMatching(phase === 'sync' && moment === 'the volume is held' ? /s=(clean|dirty)/ : /s=dirty/);
  expect((await volumeOf(vm))?.metadata).toMatchObject({ changeID: base, migplan: record });
  await control.setVddk({});
  await control.guestRandomWrites({ vm, seed: 9, count: 10, maxBytes: 131_072, zeroRatio: 0.3 });
  await migplan(project, ['apply', 'plan.json']);
  await expectCopied(bench, vm, 2000);
  expect(await bench.leftovers()).toEqual([]);
});

test.each(serverCases)('server, $signal when $moment: the next run converges', async ({ vm, signal, moment }) => {
  const project = await bench.project(vm);
  await asConverted(bench, vm);
  await project.manifest(vm, manifestOf(vm, `phase: cutover\n${serverOnDemoNet}`));
  await migplan(project, ['plan', '--out', 'plan.json']);
  await dies({ project, vm, signal, moment });
  await migplan(project, ['apply', 'plan.json']);
  const servers = (await bench.target.cloud.servers()).filter(({ name }) => name === vm);
  expect(servers).toMatchObject([{ status: 'ACTIVE' }]);
  expect((await bench.target.cloud.ports()).filter(({ name }) => name.startsWith(vm))).toMatchObject([
    { device_id: servers[0]?.id },
  ]);
  expect(await bench.leftovers()).toEqual([]);
});

test.each(late)(
  '%s: what a dead run had asked for is made right before the next asks for it, which uses what is there',
  async (made) => {
    const vm = `late-${made}`;
    const project = await bench.project(vm);
    if (made !== 'volumes') await asConverted(bench, vm);
    await project.manifest(vm, manifestOf(vm, made === 'volumes' ? 'phase: seed' : `phase: cutover\n${serverOnDemoNet}`));
    await migplan(project, ['plan', '--out', 'plan.json']);
    const [first, ...rest] = await dieWhilePosting(project, made);
    expect(first).toBeLessThan(300);
    // Two volumes may have one name, and one port or volume has one user.
    if (made === 'volumes') expect(rest).toEqual([202]);
    else expect(rest).toEqual([expect.toSatisfy((status: number) => status >= 400 && status < 500)]);
    expect(await bench.leftovers()).toEqual([]);
    if (made === 'volumes') {
      await expectCopied(bench, vm, 2000);
      return expect(said(await migplan(project, ['plan']))).toMatch(/\[MP2015\][\s\S]*openstack volume delete /);
    }
    const servers = (await bench.target.cloud.servers()).filter(({ name }) => name === vm);
    expect(servers).toMatchObject([{ status: 'ACTIVE' }]);
    const ports = (await bench.target.cloud.ports()).filter(({ name }) => name.startsWith(vm));
    expect(ports).toMatchObject([{ device_id: servers[0]?.id }]);
  },
);
