// Many VMs in simulators that are processes of their own, every disk with a volume that was seeded: little is to be done to it (two
// properties of each further disk).
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabProject } from '../../dist/lab/harness/lab-project.js';
import { simulatedCloud } from '../../dist/lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../dist/lab/harness/parts/vcenter.js';
import { Runtime } from '../../dist/src/runtime.js';
import { encodeRecord } from '../../dist/src/state/sync-record-codec.js';

const AT_ONCE = 16;
const UNLIMITED = { instances: -1, cores: -1, ramMiB: -1, volumes: -1, gigabytes: -1 };

const hex = (value) => value.toString(16).padStart(2, '0');
const vmOf = (index, disks) => ({
  name: `vm-${index}`,
  disksMiB: Array.from({ length: disks }, () => 1),
  dataRatio: 0,
  nics: [{ mac: `00:50:56:0a:${hex(index >> 8)}:${hex(index & 255)}`, network: 'VM Network' }],
});

export async function each(things, work) {
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

/** `project(name)` makes another folder of the same manifests. */
export async function openWorld(count, disks) {
  const folder = await mkdtemp(join(tmpdir(), 'fleet-'));
  const open = [];
  const close = async () => {
    for (const one of open.reverse()) await one[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const source = await vcenter(Array.from({ length: count }, (_, index) => vmOf(index, disks)))(folder);
    open.push(source);
    // Parts without a bench, whose oracle would look at all volumes: what they are said to hold here was never copied.
    const target = await simulatedCloud({ projects: [{ name: 'demo', quota: UNLIMITED }], evidence: {} })(folder);
    open.push(target);
    const project = async (name) => {
      const one = await LabProject.create(join(folder, name), { source, target }, { limits: '{transfers: 2, batch: 64MiB}' });
      for (let index = 0; index < count; index++)
        await one.manifest(`vm-${index}`, `source: {vm: /DC1/vm/vm-${index}}\nphase: seed`);
      return one;
    };
    const first = await project('project');
    const volumes = await seed(target.control, first);
    return { folder, target, project, first, volumes, close };
  } catch (error) {
    await close();
    throw error;
  }
}
