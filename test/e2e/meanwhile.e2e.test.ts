import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { type CliResult, startCli } from '../../lab/harness/cli.js';
import { type ConversionStandIn, makeConversionStandIn } from '../../lab/harness/conversion-stand-in.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { makeSigningKey, signerLine } from '../../lab/harness/signing-keys.js';
import { until } from '../../lab/harness/until.js';
import { isOn, manifestOf, migplan, said, seeded, windowsServer } from './steps.js';

// What let a plan be applied ends while the real program applies it: a freeze begins, an approval is over.
let bench: Bench;
let project: LabProject;
let standIn: ConversionStandIn;
const vms = ['frozen', 'waiting', 'approved', 'late'] as const;

/** Time for a start, in seconds, and more of it for a machine that needs more. */
const STARTS = [20, 60, 240] as const;

beforeAll(async () => {
  bench = await Bench.open({
    source: vcenter(vms.map((name) => ({ name, disksMiB: [16], ...windowsServer }))),
    target: simulatedCloud(),
  });
  project = await bench.project('p');
  standIn = await makeConversionStandIn(join(bench.folder, 'stand-in'));
  await seeded(bench, project, ...vms);
  for (const vm of vms) {
    const server = 'target: {server: {flavor: m1.small, networks: [prod-lan]}}';
    await project.manifest(vm, manifestOf(vm, `${server}\nphase: cutover\nshutdown: {timeout: 2m}`));
  }
});
afterEach(async () => {
  await bench.source.control.setVddk({});
  expect(await bench.leftovers()).toEqual([]);
});
afterAll(() => bench[Symbol.asyncDispose]());

const cli = (...args: readonly string[]) => migplan(project, args, { env: standIn.environment });

/** Three batches, which are read so slowly that something can happen in the first. */
async function slowDelta(vm: string): Promise<void> {
  await bench.source.control.guestWrite({ vm, offset: 0, length: 12 * 2 ** 20, fill: { seed: 7 } });
  await bench.source.control.setVddk({ readDelayMs: 300 });
}

/** Applies one VM after the other, the first of which is in its delta at `endsAt`. Undefined: refused, because that was too soon. */
async function during(args: readonly string[], endsAt: number): Promise<CliResult | undefined> {
  const run = startCli(project, ['apply', ...args, '--parallelism', '1'], { env: standIn.environment });
  const isOver = (): boolean => run.child.exitCode !== null;
  await until('a delta, or a refusal', async () => isOver() || (await bench.source.control.stats()).readersNow > 0);
  if (isOver() && run.child.exitCode === 4) return undefined;
  expect(isOver(), run.told()).toBe(false);
  // However long that takes, it is in the middle of its copy.
  run.child.kill('SIGSTOP');
  await until('that time', async () => Date.now() > endsAt);
  await bench.source.control.setVddk({});
  run.child.kill('SIGCONT');
  return run.finished;
}

/** In ms, on a whole second. */
const soon = (seconds: number): number => Math.ceil(Date.now() / 1000 + seconds) * 1000;
const freeze = (start: number): string => {
  const [from, to] = [start, start + 3_600_000].map((at) => new Date(at).toISOString().replace('.000', ''));
  return `  policy: {freezes: {year-end: {start: ${from}, end: ${to}}}}\n`;
};
const projectSays = (spec: string): Promise<void> =>
  project.edit('migplan.yaml', (text) => `${text.replace(/ {2}policy: [\s\S]*$/, '')}${spec}`);

test('a freeze begins: the delta stops at a checkpoint, nothing is powered off, and the same plan goes on after it', async () => {
  await cli('plan', '--target', 'vm/frozen', '--target', 'vm/waiting', '--out', 'freeze.json');
  await slowDelta('frozen');
  let ended: CliResult | undefined;
  for (const seconds of STARTS) {
    const start = soon(seconds);
    await projectSays(freeze(start));
    ended = await during(['freeze.json', '--allow-cutover'], start);
    if (ended !== undefined) break;
  }
  expect(ended?.code, said(ended!)).toBe(6);
  expect(said(ended!)).toMatch(/"year-end" lasts until \S+; what was done so far is kept, and the VM was left running/);
  expect(said(ended!)).toMatch(/"year-end" lasts until \S+; nothing was changed/);
  expect(await bench.source.control.stats()).toMatchObject({ powerOffs: 0, shutdowns: 0, snapshotsNow: 0 });

  await projectSays('');
  await cli('apply', 'freeze.json', '--allow-cutover');
  expect([await isOn(bench, 'frozen'), await isOn(bench, 'waiting')]).toEqual([false, false]);
});

test('an approval ends: what was begun is finished, what was not is left as it is until somebody approves it again', async () => {
  const alice = await makeSigningKey(project.folder, 'alice');
  await project.write('trust/allowed_signers', signerLine('alice@example.com', alice, 'namespaces="migplan-approval"'));
  await project.write(
    'trust/trust.yaml',
    `apiVersion: migplan.dev/v1alpha1
kind: TrustPolicy
metadata: {name: production}
spec:
  signers: allowed_signers
  plans: {unsigned: true}
  approvals: [{actions: [cutover], by: [alice@example.com], count: 1}]
`,
  );
  await cli('plan', '--target', 'vm/approved', '--target', 'vm/late', '--out', 'plan.json');
  const approve = (validFor: string) => cli('approve', 'plan.json', '--key', 'alice', '--valid-for', validFor);
  const trusting = ['plan.json', '--trust', 'trust/trust.yaml'];
  await slowDelta('approved');
  let ended: CliResult | undefined;
  for (const seconds of STARTS) {
    await approve(`${seconds}s`);
    ended = await during(trusting, soon(seconds));
    if (ended !== undefined) break;
  }
  expect(ended?.code, said(ended!)).toBe(6);
  expect(said(ended!)).toContain('cutover of vm/late: 0 of 1 approvals; nothing was changed');
  expect(said(ended!)).toContain('the approval of alice@example.com was good until ');
  expect(said(ended!)).toContain('have it approved by alice@example.com: migplan approve PLAN --key KEY');
  expect(said(ended!)).toContain('migplan apply plan.json --trust trust/trust.yaml');
  expect([await isOn(bench, 'approved'), await isOn(bench, 'late')]).toEqual([false, true]);

  await approve('1h');
  await cli('apply', ...trusting);
  expect(await isOn(bench, 'late')).toBe(false);
});
