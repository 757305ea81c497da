#!/usr/bin/env node
// What a large project costs on the machine that plans: processor time and memory of the real program against simulators that are
// processes of their own, as the number of VMs doubles, and whether it is what is wanted. Every disk has a volume that was seeded; what is to
// be done to it first is little (two properties of each further disk), and then nothing. Needs `npm run build`.
//   node bench/fleet.mjs [VMs=250,500,1000] [disks=3] [plan]     with "plan" nothing is applied
import { measured, met } from './fleet/measured.mjs';
import { openWorld } from './fleet/world.mjs';

const [sizes = '250,500,1000', disks = '3', only] = process.argv.slice(2);
/** Of a plan of 1,000 VMs; `growth` for twice as many VMs, `applied` against the plan where all is up to date. */
const most = { cpu: 6, MiB: 250, growth: 2.3, applied: 2 };

async function measure(count) {
  const world = await openWorld(count, Number(disks));
  try {
    const plan = await measured(world.first, ['plan', '--out', 'plan.json']);
    console.log(`${count} VMs, ${world.volumes} volumes, ${plan.told.split('\n').findLast((line) => line.startsWith('Plan:'))}`);
    tell('plan', plan, count === 1000 ? { cpu: most.cpu, MiB: most.MiB } : {});
    if (only !== 'plan') await applied(world.first);
    return plan.cpu;
  } finally {
    await world.close();
  }
}

/** Twice: what the plan says, and then nothing. */
async function applied(project) {
  tell('apply', await measured(project, ['apply', 'plan.json']));
  const plan = await measured(project, ['plan']);
  if (!plan.told.includes('No changes')) throw new Error(`something is left to do:\n${plan.told.slice(-4000)}`);
  tell('plan, all up to date', plan);
  tell('apply, all up to date', await measured(project, ['apply', '--auto-approve']), { cpu: plan.cpu * most.applied });
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
