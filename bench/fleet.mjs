#!/usr/bin/env node
// What a large project costs on the machine that plans: processor time and memory of the real program against simulators that are
// processes of their own, as the number of VMs doubles, and whether it is what is wanted. Every disk has a volume that was seeded; what is to
// be done to it first is little (two properties of each further disk), and then nothing. Needs `npm run build`.
//   node bench/fleet.mjs [VMs=250,500,1000] [disks=3] [plan]     with "plan" nothing is applied
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabProject } from '../dist/lab/harness/lab-project.js';
import { simulatedCloud } from '../dist/lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../dist/lab/harness/parts/vcenter.js';
import { Runtime } from '../dist/src/runtime.js';
import { encodeRecord } from '../dist/src/state/sync-record-codec.js';

const [sizes = '250,500,1000', disks = '3', only] = process.argv.slice(2);
/** Of a plan of 1,000 VMs; `growth` for twice as many VMs, `applied` against the plan where all is up to date. */
const most = { cpu: 6, MiB: 250, growth: 2.3, applied: 2 };
const AT_ONCE = 16;
const run = new URL('../bin/run.js', import.meta.url).pathname;

const hex = (value) => value.toString(16).padStart(2, '0');
const vmOf = (index) => ({
  name: `vm-${index}`,
  disksMiB: Array.from({ length: Number(disks) }, () => 1),
  dataRatio: 0,
  nics: [{ mac: `00:50:56:0a:${hex(index >> 8)}:${hex(index & 255)}`, network: 'VM Network' }],
});

async function each(things, work) {
  const rest = [...things];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let thing = rest.pop(); thing !== undefined; thing = rest.pop()) await work(thing);
    }),
  );
}

/** A volume for every disk, whose record says that it holds all of it. */
async function seed(control, project) {
  const runtime = await Runtime.open({ cwd: project.folder, env: { ...process.env, ...project.environment } });
  const vms = await (await runtime.source('vc-prod')).list();
  await runtime[Symbol.asyncDispose]();
  const volumes = vms.flatMap((vm) => vm.disks.map((disk) => ({ vm, disk })));
  await each(volumes, ({ vm, disk }) => {
    const identity = { vm: vm.instanceUuid, disk: disk.key, diskUuid: disk.uuid };
    const origin = { older: undefined, bootedAt: Math.floor(Date.parse(vm.bootTime ?? vm.history?.bootTime) / 1000) };
    const state = { kind: 'clean', at: { epoch: disk.changeId.epoch, sequence: disk.changeId.sequence } };
    const record = { identity, state, capacity: disk.capacity, cycle: 1, run: 'runrunrunrun', origin };
    return control.createVolume({
      project: 'demo',
      name: `${vm.name}-${disk.key}`,
      sizeGiB: 1,
      volumeType: 'ssd',
      metadata: encodeRecord(record),
      imageMetadata: { hw_machine_type: 'pc', os_type: 'linux' },
      bootable: disk.key === vm.disks[0].key,
    });
  });
  return volumes.length;
}

/** Told by the process itself when it ends: seconds of processor, and MiB. */
const telling = `data:text/javascript,${encodeURIComponent(`
import { writeFileSync } from 'node:fs';
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeFileSync(process.env.FLEET_USAGE, JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1e6, MiB: maxRSS / 1024 }));
});`)}`;

async function measured(project, args, file) {
  const env = { ...process.env, ...project.environment, NO_COLOR: '1', FLEET_USAGE: file };
  const began = performance.now();
  const child = spawn(process.execPath, ['--import', telling, run, ...args], {
    cwd: project.folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let told = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (told += text));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`migplan ${args.join(' ')}: exit ${code}\n${told.slice(-4000)}`);
  const usage = JSON.parse(await readFile(file, 'utf8'));
  return { ...usage, seconds: (performance.now() - began) / 1000, told };
}

const UNLIMITED = { instances: -1, cores: -1, ramMiB: -1, volumes: -1, gigabytes: -1 };

async function measure(count) {
  const folder = await mkdtemp(join(tmpdir(), 'fleet-'));
  const open = [];
  try {
    const source = await vcenter(Array.from({ length: count }, (_, index) => vmOf(index)))(folder);
    open.push(source);
    // Parts without a bench, whose oracle would look at all volumes: what they are said to hold here was never copied.
    const target = await simulatedCloud({ projects: [{ name: 'demo', quota: UNLIMITED }], evidence: {} })(folder);
    open.push(target);
    const project = await LabProject.create(
      join(folder, 'project'),
      { source, target },
      { limits: '{transfers: 2, batch: 64MiB}' },
    );
    for (let index = 0; index < count; index++)
      await project.manifest(`vm-${index}`, `source: {vm: /DC1/vm/vm-${index}}\nphase: seed`);
    const volumes = await seed(target.control, project);
    const usage = join(folder, 'usage');
    const plan = await measured(project, ['plan', '--out', 'plan.json'], usage);
    console.log(`${count} VMs, ${volumes} volumes, ${plan.told.split('\n').findLast((line) => line.startsWith('Plan:'))}`);
    tell('plan', plan, count === 1000 ? { cpu: most.cpu, MiB: most.MiB } : {});
    if (only !== 'plan') await applied(project, usage);
    return plan.cpu;
  } finally {
    for (const one of open.reverse()) await one[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Twice: what the plan says, and then nothing. */
async function applied(project, usage) {
  tell('apply', await measured(project, ['apply', 'plan.json'], usage));
  const plan = await measured(project, ['plan'], usage);
  if (!plan.told.includes('No changes')) throw new Error(`something is left to do:\n${plan.told.slice(-4000)}`);
  tell('plan, all up to date', plan);
  tell('apply, all up to date', await measured(project, ['apply', '--auto-approve'], usage), { cpu: plan.cpu * most.applied });
}

const UNITS = { cpu: 'CPU-s', MiB: 'MiB' };

function tell(what, { cpu, MiB, seconds }, wanted = {}) {
  const figures = { cpu, MiB };
  const limits = Object.entries(wanted).map(
    ([name, limit]) => `at most ${limit.toFixed(1)} ${UNITS[name]}: ${met(figures[name] <= limit)}`,
  );
  const row = `  ${what.padEnd(22)} ${cpu.toFixed(1).padStart(6)} CPU-s ${seconds.toFixed(1).padStart(6)} s ${MiB.toFixed(0).padStart(5)} MiB`;
  console.log([row, ...limits].join('   '));
}

/** What is not met ends the benchmark with 1, once all is measured. */
function met(isMet) {
  if (!isMet) process.exitCode = 1;
  return isMet ? 'met' : 'NOT MET';
}

let before;
for (const size of sizes.split(',').map(Number)) {
  const cpu = await measure(size);
  if (before !== undefined) {
    const growth = (cpu / before.cpu) ** (Math.LN2 / Math.log(size / before.size));
    console.log(
      `  ${growth.toFixed(2)} times the processor time of plan for twice the VMs   at most ${most.growth}: ${met(growth <= most.growth)}`,
    );
  }
  before = { cpu, size };
}
