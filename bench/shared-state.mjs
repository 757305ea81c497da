#!/usr/bin/env node
// What a state costs that other machines see: the real program applies little to each of many VMs, with the state in its folder and in
// PostgreSQL (a real server, on a Unix socket), interleaved; medians, their ratio, and whether it is what is wanted. Then how often a run
// that works on 50 VMs and a plan asks the server, with leases as they are by default. Needs `npm run build`.
//   node bench/shared-state.mjs [VMs=1000] [rounds=5] [seconds=60]
import { setTimeout as delay } from 'node:timers/promises';
import { startPostgres } from '../dist/lab/postgres/index.js';
import { systemClock } from '../dist/src/host/clock.js';
import { PgBackend } from '../dist/src/state/backend/pg-backend.js';
import { parsePgUrl } from '../dist/src/state/backend/pg-url.js';
import { measured, met } from './fleet/measured.mjs';
import { each, openWorld } from './fleet/world.mjs';

const [count = 1000, rounds = 5, seconds = 60] = process.argv.slice(2).map(Number);
/** Of a shared state against a folder; `asked`: requests a second of a run that only works. */
const most = { cpu: 1.2, seconds: 1.5, asked: 1 };
const DISKS = 2;
const BESIDE = 50;
const LEASE_MS = 300_000;

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** What was done to the volumes is undone. */
async function undo({ control }) {
  const volumes = await control.volumes();
  await each(volumes, ({ id }) => control.changeVolume(id, { imageMetadata: { hw_machine_type: 'pc', os_type: 'linux' } }));
}

/** Transactions of the server since it began: each request of ours is one. The look itself is one more. */
async function transactions(server) {
  await delay(1500);
  return Number(await server.psql('SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()'));
}

async function applied(world, project, environment) {
  await undo(world.target);
  await measured(project, ['plan', '--out', 'plan.json'], environment);
  return measured(project, ['apply', 'plan.json'], environment);
}

function tell(what, unit, { local, pg }, limit) {
  const [ours, theirs] = [median(pg), median(local)];
  const all = [local, pg].map((values) => values.map((value) => value.toFixed(1)).join(' '));
  console.log(
    `  ${what.padEnd(16)} local ${theirs.toFixed(2)} ${unit} (${all[0]})   pg ${ours.toFixed(2)} ${unit} (${all[1]})   ${(ours / theirs).toFixed(2)} times, at most ${limit}: ${met(ours / theirs <= limit)}`,
  );
}

async function compare(server) {
  const world = await openWorld(count, DISKS);
  const environment = { STATE_URL: server.url };
  try {
    const projects = { local: world.first, pg: await world.project('shared') };
    await projects.pg.edit('migplan.yaml', (text) =>
      text.replace('spec:\n', 'spec:\n  state: {type: pg, url: "env:STATE_URL"}\n'),
    );
    const results = { local: [], pg: [] };
    let asked = 0;
    for (let round = 0; round < rounds; round++)
      for (const [name, project] of Object.entries(projects)) {
        const before = await transactions(server);
        results[name].push(await applied(world, project, environment));
        if (name === 'pg') asked = (await transactions(server)) - before - 1;
      }
    const each = (field) =>
      Object.fromEntries(Object.entries(results).map(([name, all]) => [name, all.map((one) => one[field])]));
    console.log(`apply of ${count} VMs, ${rounds} interleaved rounds, node ${process.version}`);
    tell('processor time', 'CPU-s', each('cpu'), most.cpu);
    tell('time', 's', each('seconds'), most.seconds);
    console.log(`  requests         ${asked} of a plan and its apply, ${(asked / count).toFixed(1)} for each VM`);
  } finally {
    await world.close();
  }
}

/** What the server does for itself counts as transactions, too. */
async function vacuuming(server, value) {
  await server.psql(`ALTER SYSTEM SET autovacuum = ${value}`);
  await server.psql('SELECT pg_reload_conf()');
}

/** One run holds them all, and does nothing else. */
async function listen(server) {
  await vacuuming(server, 'off');
  const backend = await PgBackend.open({
    ...{ address: parsePgUrl(server.url), clock: systemClock },
    ...{ schema: 'beside', project: 'bench', leaseMs: LEASE_MS },
  });
  await backend.prepare();
  const names = [
    { kind: 'plans', name: 'plan' },
    ...Array.from({ length: BESIDE }, (_, at) => ({ kind: 'vms', name: `vm-${at}` })),
  ];
  const locks = await Promise.all(names.map((name) => backend.lock(name).take('apply bench', new Date())));
  // A session tells within ten seconds what it did before it had nothing to do.
  await delay(12_000);
  const before = await transactions(server);
  const began = performance.now();
  await delay(seconds * 1000);
  const asked = ((await transactions(server)) - before - 1) / ((performance.now() - began) / 1000);
  for (const lock of locks) await lock[Symbol.asyncDispose]();
  await backend[Symbol.asyncDispose]();
  await vacuuming(server, 'on');
  console.log(
    `${BESIDE} VMs at work, ${seconds} s: ${asked.toFixed(2)} requests a second, at most ${most.asked}: ${met(asked <= most.asked)}`,
  );
}

const server = await startPostgres();
try {
  await listen(server);
  await compare(server);
} finally {
  await server.close();
}
