import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { MoRef } from '../../../lab/vcenter-sim/soap/value.js';
import type { SourceProvider } from '../../../src/contracts/source-provider.js';
import { interruptible } from '../../../src/host/interruption.js';
import { Secret } from '../../../src/host/secret.js';
import { diskKey, vmRef } from '../../../src/model/ids.js';
import { READER, startVmwareLab, USER, type VmwareLab } from './lab.js';

const MiB = 2 ** 20;
const LIMITED = 'limited@vsphere.local';
const vm = vmRef('vm-300');
const busy = vmRef('vm-301');
let lab: VmwareLab;
let source: SourceProvider;
let names = 0;

const request = () => ({ name: `migplan-r1-${++names}`, description: '{"tool":"migplan","note":"<![CDATA[]]> & <b>"}' });
const count = (method: string): number => lab.sim.control.calls().calls.filter((call) => call.method === method).length;
const snapshotsNow = (): number => lab.sim.control.stats().snapshotsNow;
const taskFault = (method: string, type: string, rest: object = {}) =>
  lab.sim.control.addFault({
    method,
    ...rest,
    do: { taskFault: { type, fields: type.startsWith('File') ? { file: '[ds1] a.vmdk' } : {}, message: 'said the task' } },
  });

beforeAll(async () => {
  const disks = [{ capacityBytes: MiB }, { capacityBytes: MiB, unit: 1, mode: 'independent_persistent' as const }];
  lab = await startVmwareLab({
    users: [
      { name: USER, password: 'pass-of-lab' },
      {
        name: LIMITED,
        password: 'pass-of-lab',
        deniedPrivileges: ['VirtualMachine.State.CreateSnapshot', 'VirtualMachine.State.RemoveSnapshot'],
      },
    ],
    datacenters: [
      {
        name: 'DC1',
        vms: [
          { name: 'db', moref: vm, cbtEnabled: true, disks },
          { name: 'busy', moref: busy, disks },
        ],
      },
    ],
  });
  source = await lab.open({ password: new Secret('pass-of-lab') });
  await source.identify();
});
afterAll(() => lab[Symbol.asyncDispose]());
afterEach(async () => {
  lab.sim.control.clearFaults();
  lab.sim.control.setOptions({ snapshots: { leavesConsolidation: false } });
  for (const { moref } of lab.sim.control.snapshots({ vm }).snapshots)
    await lab.sim.control.removeForeignSnapshot({ snapshot: moref });
  lab.sim.control.setVm({ vm, isConsolidationNeeded: false });
  lab.sim.control.clearCalls();
  lab.clock.sleeps.length = 0;
});

describe('createSnapshot', () => {
  test('reads files and ids from the snapshot, not from the VM, and leaves out what is not frozen', async () => {
    const snapshot = await source.createSnapshot(vm, request());
    const { snapshots } = lab.sim.control.snapshots({ vm });
    const [seen] = snapshots;
    expect(seen).toMatchObject({
      moref: snapshot.ref,
      name: snapshot.name,
      description: '{"tool":"migplan","note":"<![CDATA[]]> & <b>"}',
      isQuiesced: false,
    });
    expect(snapshot.disks).toHaveLength(1);
    const [disk] = snapshot.disks;
    expect(disk).toMatchObject({ key: 2000, capacity: MiB, file: seen!.disks[0]!.fileName });
    expect(`${disk!.changeId?.epoch}/${disk!.changeId?.sequence}`).toBe(seen!.disks[0]!.changeId);
    expect(lab.sim.control.vm({ vm }).disks[0]!.fileName).not.toBe(disk!.file);
  });

  test.each([
    ['after the effect', { when: 'after', do: { drop: true } }],
    ['after the effect, in the middle', { when: 'after', do: { truncate: true } }],
    ['after the effect, as HTTP 503', { when: 'after', do: { http: { status: 503 } } }],
    ['after the effect, as HTML', { when: 'after', do: { http: { status: 200, body: '<html></html>' } } }],
    ['after the effect, as nothing', { when: 'after', do: { empty: true } }],
    ['before the effect', { when: 'before', do: { drop: true } }],
    ['before the effect, as HTTP 502', { when: 'before', do: { http: { status: 502 } } }],
  ] as const)('an answer that is lost %s: one snapshot, and it is found', async (_name, rule) => {
    const created = lab.sim.control.stats().snapshotsCreated;
    lab.sim.control.addFault({ method: 'CreateSnapshot_Task', ...rule });
    const snapshot = await source.createSnapshot(vm, request());
    expect(lab.sim.control.stats().snapshotsCreated - created).toBe(1);
    expect(lab.sim.control.snapshots({ vm }).snapshots.map(({ moref }) => moref)).toEqual([snapshot.ref]);
    expect(snapshot.disks[0]?.changeId).toBeDefined();
    expect(count('CreateSnapshot_Task')).toBe(rule.when === 'after' ? 1 : 2);
  });

  test('answers that are lost again and again end it', async () => {
    lab.sim.control.addFault({ method: 'CreateSnapshot_Task', times: 'always', do: { drop: true } });
    await expect(source.createSnapshot(vm, request())).rejects.toMatchObject({ kind: 'transient', details: { code: 'MP5003' } });
    expect(count('CreateSnapshot_Task')).toBe(4);
    expect(snapshotsNow()).toBe(0);
  });

  test('a task that vCenter has forgotten: the tree tells', async () => {
    const wanted = request();
    // The third read is the first poll of the task.
    const notFound = { type: 'ManagedObjectNotFound', fields: { obj: new MoRef('Task', 'task-1') } };
    lab.sim.control.addFault({ method: 'RetrievePropertiesEx', nth: 3, do: { fault: notFound } });
    const snapshot = await source.createSnapshot(vm, wanted);
    expect([snapshot.name, count('CreateSnapshot_Task'), snapshotsNow()]).toEqual([wanted.name, 1, 1]);
  });

  test('two at once: the second waits for the first', async () => {
    const snapshots = await Promise.all([source.createSnapshot(vm, request()), source.createSnapshot(vm, request())]);
    expect(new Set(snapshots.map(({ ref }) => ref)).size).toBe(2);
    expect(snapshotsNow()).toBe(2);
  });

  test('a VM that stays busy is given up after a while', async () => {
    const inTheWay = { type: 'TaskInProgress', fields: { task: new MoRef('Task', 'task-999') } };
    lab.sim.control.addFault({ method: 'CreateSnapshot_Task', times: 'always', do: { fault: inTheWay } });
    await using impatient = await lab.open({ password: new Secret('pass-of-lab'), busyTimeoutMs: 10_000 });
    await expect(impatient.createSnapshot(vm, request())).rejects.toMatchObject({ kind: 'held' });
    expect(count('CreateSnapshot_Task')).toBeGreaterThan(5);
  });

  test('a passing state is waited out, three times at most', async () => {
    lab.sim.control.addFault({ method: 'CreateSnapshot_Task', times: 2, do: { fault: { type: 'InvalidState' } } });
    await source.createSnapshot(vm, request());
    expect(count('CreateSnapshot_Task')).toBe(3);
    lab.sim.control.addFault({ method: 'CreateSnapshot_Task', times: 'always', do: { fault: { type: 'InvalidState' } } });
    await expect(source.createSnapshot(vm, request())).rejects.toMatchObject({ kind: 'conflict' });
  });

  test.each([
    ['TooManySnapshotLevels', 'conflict'],
    ['SnapshotIncompatibleDeviceInVm', 'conflict'],
    ['FileFault', 'failed'],
    ['VmConfigFault', 'conflict'],
  ])('a task that fails with %s is not tried again', async (type, kind) => {
    const fields =
      type === 'SnapshotIncompatibleDeviceInVm' ? { fault: { $type: 'LocalizedMethodFault', fault: { $type: 'VimFault' } } } : {};
    lab.sim.control.addFault({
      method: 'CreateSnapshot_Task',
      do: { taskFault: { type, message: 'said the task', fields: type === 'FileFault' ? { file: 'f' } : fields } },
    });
    await expect(source.createSnapshot(vm, request())).rejects.toMatchObject({
      kind,
      details: { call: 'CreateSnapshot_Task', detail: expect.stringContaining('said the task') },
    });
    expect(count('CreateSnapshot_Task')).toBe(1);
  });

  test('a right that is missing is named', async () => {
    await using limited = await lab.open({ user: LIMITED, password: new Secret('pass-of-lab') });
    await expect(limited.createSnapshot(vm, request())).rejects.toMatchObject({
      kind: 'denied',
      details: {
        detail: expect.stringMatching(/VirtualMachine\.State\.CreateSnapshot.*vm-300/),
        nextSteps: expect.arrayContaining([expect.stringContaining('CreateSnapshot')]),
      },
    });
    expect(count('CreateSnapshot_Task')).toBe(1);
  });

  test('a session that ends right before it', async () => {
    lab.sim.control.addFault({ method: 'CreateSnapshot_Task', do: { fault: { type: 'NotAuthenticated' } } });
    await source.createSnapshot(vm, request());
    expect([snapshotsNow(), count('Login')]).toEqual([1, 1]);
  });
});

describe('removeSnapshot', () => {
  test('a snapshot of somebody else on top stays, with its description', async () => {
    const snapshot = await source.createSnapshot(vm, request());
    const foreign = await lab.sim.control.createForeignSnapshot({ vm, name: 'backup', description: 'not ours' });
    await source.removeSnapshot(vm, snapshot.ref);
    expect(lab.sim.control.snapshots({ vm }).snapshots).toMatchObject([{ moref: foreign.moref, description: 'not ours' }]);
  });

  test.each([
    ['after the effect', { when: 'after', do: { drop: true } }],
    ['before the effect', { when: 'before', do: { drop: true } }],
  ] as const)('an answer that is lost %s', async (_name, rule) => {
    const snapshot = await source.createSnapshot(vm, request());
    lab.sim.control.addFault({ method: 'RemoveSnapshot_Task', ...rule });
    await source.removeSnapshot(vm, snapshot.ref);
    expect(snapshotsNow()).toBe(0);
  });

  test('a locked file is waited for, longer each time, and given up at last', async () => {
    const snapshot = await source.createSnapshot(vm, request());
    taskFault('RemoveSnapshot_Task', 'FileLocked', { times: 3 });
    await source.removeSnapshot(vm, snapshot.ref);
    const long = lab.clock.sleeps.filter((ms) => ms > 20_000);
    expect(long).toHaveLength(3);
    expect(long[2]).toBeGreaterThan(3 * long[0]!);
    const another = await source.createSnapshot(vm, request());
    taskFault('RemoveSnapshot_Task', 'FileLocked', { times: 'always' });
    await expect(source.removeSnapshot(vm, another.ref)).rejects.toMatchObject({
      kind: 'held',
      details: { nextSteps: [expect.stringContaining('holds the disk open')] },
    });
  });

  test('a task that failed may have removed it nevertheless', async () => {
    const snapshot = await source.createSnapshot(vm, request());
    lab.sim.control.addFault({ method: 'RemoveSnapshot_Task', do: { taskFault: { type: 'Timedout' }, work: true } });
    await source.removeSnapshot(vm, snapshot.ref);
    expect([snapshotsNow(), count('RemoveSnapshot_Task')]).toEqual([0, 1]);
  });

  test('what is left unmerged is consolidated, through a lock and a lost answer', async () => {
    const snapshot = await source.createSnapshot(vm, request());
    lab.sim.control.setOptions({ snapshots: { leavesConsolidation: true } });
    taskFault('ConsolidateVMDisks_Task', 'FileLocked');
    lab.sim.control.addFault({ method: 'ConsolidateVMDisks_Task', nth: 2, when: 'after', do: { drop: true } });
    await source.removeSnapshot(vm, snapshot.ref);
    expect(lab.sim.control.vm({ vm }).isConsolidationNeeded).toBe(false);
    expect(count('ConsolidateVMDisks_Task')).toBeGreaterThanOrEqual(2);
  });

  test('a missing right is not taken for a snapshot that is gone', async () => {
    const snapshot = await source.createSnapshot(vm, request());
    await using limited = await lab.open({ user: LIMITED, password: new Secret('pass-of-lab') });
    await expect(limited.removeSnapshot(vm, snapshot.ref)).rejects.toMatchObject({ kind: 'denied' });
    expect(snapshotsNow()).toBe(1);
  });

  test('a VM that is gone has no snapshot', async () => {
    await source.removeSnapshot(vmRef('vm-999'), (await source.createSnapshot(vm, request())).ref);
  });
});

describe('Ctrl-C', () => {
  test('ends waiting for a task of vCenter; the task goes on', async () => {
    const abort = new AbortController();
    const { ref } = await source.createSnapshot(vm, request());
    lab.clock.onSleep = () => abort.abort();
    const removing = interruptible(abort.signal, () => source.removeSnapshot(vm, ref));
    await expect(removing).rejects.toMatchObject({ name: 'AbortError' });
    lab.clock.onSleep = undefined;
    expect(count('RemoveSnapshot_Task')).toBeGreaterThan(0);
    await source.removeSnapshot(vm, ref);
    expect(snapshotsNow()).toBe(0);
  });
});

describe('enableChangeTracking', () => {
  test('a lost answer is looked up, a refusal is not hidden', async () => {
    lab.sim.control.addFault({ method: 'ReconfigVM_Task', when: 'after', do: { drop: true } });
    await source.enableChangeTracking(busy);
    expect(lab.sim.control.vm({ vm: busy }).isCbtWanted).toBe(true);
    lab.sim.control.setVm({ vm: busy, isCbtWanted: false });
    taskFault('ReconfigVM_Task', 'VmConfigFault');
    await expect(source.enableChangeTracking(busy)).rejects.toMatchObject({ kind: 'conflict' });
  });
});

describe('power', () => {
  test('without tools the guest cannot be asked', async () => {
    lab.sim.control.setVm({ vm: busy, isToolsRunning: false });
    await expect(source.shutdownGuest(busy)).rejects.toMatchObject({
      kind: 'unsupported',
      details: { detail: expect.stringContaining('ToolsUnavailable') },
    });
  });

  test('a VM that goes off on its own meanwhile is off', async () => {
    const off = { type: 'InvalidPowerState', fields: { requestedState: 'poweredOff', existingState: 'poweredOff' } };
    lab.sim.control.addFault({ method: 'PowerOffVM_Task', do: { fault: off } });
    await source.powerOff(busy);
    lab.sim.control.addFault({ method: 'ShutdownGuest', do: { fault: off } });
    await source.shutdownGuest(busy);
    const suspended = { type: 'InvalidPowerState', fields: { requestedState: 'poweredOff', existingState: 'suspended' } };
    lab.sim.control.addFault({ method: 'PowerOffVM_Task', do: { fault: suspended } });
    await expect(source.powerOff(busy)).rejects.toMatchObject({ kind: 'conflict' });
  });

  test('a lost answer to power off is looked up', async () => {
    const before = lab.sim.control.stats().powerOffs;
    lab.sim.control.addFault({ method: 'PowerOffVM_Task', when: 'after', do: { drop: true } });
    await source.powerOff(busy);
    expect([await source.powerState(busy), lab.sim.control.stats().powerOffs - before]).toEqual(['off', 1]);
  });
});

test('a disk that is not in the snapshot has no reader', async () => {
  const snapshot = await source.createSnapshot(vm, request());
  await expect(source.reader(snapshot, diskKey(2001))).rejects.toMatchObject({ kind: 'not-found' });
});

test('transports are VDDK’s choice where the Project names none, and are passed on as they stand where it does', async () => {
  const snapshot = await source.createSnapshot(vm, request());
  const asked = async (of: SourceProvider) => {
    const reader = await of.reader(snapshot, diskKey(2000));
    return 'args' in reader && reader.args.filter((argument) => argument.startsWith('transports'));
  };
  expect(await asked(source)).toEqual([]);
  const choosing = await lab.open({ password: new Secret('pass-of-lab'), reader: { ...READER, transports: 'san:nbdssl' } });
  expect(await asked(choosing)).toEqual(['transports=san:nbdssl']);
});
