// How much processor time one look at a large project costs: `node bench/observe.mjs [volumes] [servers]`. The simulated cloud is
// a process of its own, so that only the provider's work counts. At last the volumes are given to as many VMs as there are
// servers, beside what it costs to read every record for every VM. Needs compiled code (npm run build). Exits 1 when what was
// observed is not what is there; how long it took is only told.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator } from '../dist/lab/harness/server-process.js';
import { connectClient } from '../dist/lab/openstack-sim/conformance/client.js';
import { systemClock } from '../dist/src/host/clock.js';
import { Secret } from '../dist/src/host/secret.js';
import { openOpenStack } from '../dist/src/providers/openstack/index.js';
import { observe } from '../dist/src/state/observe.js';
import { decodeRecord, encodeRecord } from '../dist/src/state/sync-record-codec.js';
import { noHoldings } from '../dist/src/state/vm-ledger.js';

const [VOLUMES = 2000, SERVERS = 500] = process.argv.slice(2).map(Number);
const PASSWORD = 'bench';
const FOREIGN = 50;
const REPEATS = 3;
const AT_ONCE = 16;

const cloudOf = (more) => ({
  projects: [{ name: 'demo', quota: { instances: -1, cores: -1, ramMiB: -1 } }, { name: 'other' }],
  users: [{ name: 'demo', password: PASSWORD, roles: { demo: ['member'] } }],
  timings: { serverBuildMs: 1, attachMs: 1 },
  ...more,
});

/** The clouds differ in what a client must not rely on: length and order of pages, and whether filters work. */
const clouds = {
  'long pages': {},
  'pages of 100, oldest first': { pageSize: 100, volumeOrder: 'created_at:asc' },
  'pages of 333 by name, filters ignored': { pageSize: 333, volumeOrder: 'name:desc', resourceFilters: 'off' },
};

async function each(count, work) {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Volume `v7` says of itself that it is 7; the first ones are the roots of servers `s0`, `s1` ... */
async function fill({ authUrl, control }) {
  const plant = async (project, index) => {
    const volume = { project, name: `v${index}`, sizeGiB: 1, bootable: true, metadata: { index: String(index), osm: 'true' } };
    const answer = await fetch(`${control}/volumes`, { method: 'POST', body: JSON.stringify(volume) });
    return (await answer.json()).id;
  };
  const ids = [];
  await each(VOLUMES, async (index) => {
    ids[index] = await plant('demo', index);
  });
  await each(FOREIGN, (index) => plant('other', VOLUMES + index));
  const client = await connectClient({ authUrl, user: 'demo', password: PASSWORD, project: 'demo' }, async () => {});
  const flavor = (await client.call('compute', 'GET', '/flavors', { version: '2.93' })).body.flavors[0].id;
  await each(SERVERS, async (index) => {
    const root = { uuid: ids[index], source_type: 'volume', destination_type: 'volume', boot_index: 0 };
    const server = { name: `s${index}`, flavorRef: flavor, networks: 'none', block_device_mapping_v2: [root] };
    const { status } = await client.call('compute', 'POST', '/servers', { body: { server }, version: '2.93' });
    assert.equal(status, 202);
  });
}

function check({ volumes, servers }) {
  const names = (things, letter, count) =>
    assert.deepEqual(
      things.map(({ name }) => name).sort(),
      Array.from({ length: count }, (_, index) => `${letter}${index}`).sort(),
    );
  names(volumes, 'v', VOLUMES);
  names(servers, 's', SERVERS);
  const idOf = new Map(servers.map(({ name, id }) => [name, id]));
  for (const { name, metadata, attachments } of volumes) {
    assert.deepEqual(metadata, { index: name.slice(1), osm: 'true' });
    const server = idOf.get(`s${name.slice(1)}`);
    assert.deepEqual(
      attachments.map((attachment) => attachment.server),
      server === undefined ? [] : [server],
      name,
    );
  }
}

const domain = { id: 'default' };
const cloudConfig = (authUrl) => ({
  name: 'bench',
  origin: 'bench',
  authUrl,
  credentials: {
    kind: 'password',
    user: { name: 'demo', domain },
    password: new Secret(PASSWORD),
    project: { name: 'demo', domain },
  },
  interfaces: { volume: 'public', compute: 'public', network: 'public' },
  endpointOverrides: {},
  tls: { verify: true },
});

async function measure(name, authUrl) {
  const config = { name: 'bench', cloud: cloudConfig(authUrl), access: { type: 'cinder' }, hostName: 'bench' };
  const provider = await openOpenStack(config, { clock: systemClock });
  for (let turn = 1; turn <= REPEATS; turn++) {
    const began = { at: performance.now(), cpu: process.cpuUsage() };
    const inventory = await provider.observe();
    const { user, system } = process.cpuUsage(began.cpu);
    const seconds = (performance.now() - began.at) / 1000;
    check(inventory);
    console.log(`${name}, look ${turn}: ${((user + system) / 1e6).toFixed(2)} s of processor, ${seconds.toFixed(2)} s of time`);
  }
  await provider[Symbol.asyncDispose]();
}

for (const [name, more] of Object.entries(clouds)) {
  const folder = await mkdtemp(join(tmpdir(), 'observe-'));
  const cloud = await startSimulator('openstack-sim', folder, cloudOf(more));
  try {
    await fill(cloud.ready);
    await measure(name, cloud.ready.authUrl);
  } finally {
    await cloud[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  }
}

/** Volumes with records, as many for each of SERVERS VMs. */
async function matching() {
  const uuid = (vm) => `501b2f6e-0000-1111-2222-${String(vm).padStart(12, '0')}`;
  const volumes = Array.from({ length: VOLUMES }, (_, index) => {
    const identity = { vm: uuid(index % SERVERS), disk: 2000 + Math.floor(index / SERVERS), diskUuid: uuid(index) };
    const state = { kind: 'clean', at: { epoch: '52 de c0 d9 b9 43 9d 10-61 d5 4c 1b e9 7b 65 63', sequence: 5 } };
    const record = { identity, state, capacity: 2 ** 30, cycle: 1, run: 'runrunrunrun', foreignSnapshot: '' };
    return {
      id: `v${index}`,
      name: `v${index}`,
      size: 2 ** 30,
      attachments: [],
      imageMetadata: {},
      metadata: encodeRecord(record),
    };
  });
  const disks = Array.from({ length: Math.ceil(VOLUMES / SERVERS) }, (_, index) => ({ key: 2000 + index }));
  const vms = Array.from({ length: SERVERS }, (_, vm) => ({
    kind: 'found',
    vm: { instanceUuid: uuid(vm), disks, snapshots: [] },
  }));
  const desired = vms.map((_, vm) => ({ name: `vm${vm}`, source: { provider: 's', vm }, target: { provider: 't' } }));
  const providers = {
    source: () => ({ observe: async () => vms }),
    target: () => ({ observe: async () => ({ volumes, servers: [], catalog: {} }) }),
  };
  const state = { lineage: 'L', holdings: async () => noHoldings, runsWithOverlays: async () => [] };
  for (let turn = 1; turn <= REPEATS; turn++) {
    const began = performance.now();
    const seen = await observe(desired, providers, state);
    const looked = performance.now();
    const some = vms.slice(0, 10);
    for (const _ of some) for (const { metadata } of volumes) decodeRecord(metadata);
    const each = ((performance.now() - looked) * vms.length) / some.length;
    const seconds = [looked - began, each].map((ms) => (ms / 1000).toFixed(2));
    assert.equal(seen.flatMap(({ volumes: held }) => Object.values(held).flat()).length, VOLUMES);
    console.log(
      `${SERVERS} VMs, ${VOLUMES} records, turn ${turn}: ${seconds[0]} s; every record read for every VM would take ${seconds[1]} s`,
    );
  }
}

await matching();
