import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DiskReader } from '../../src/contracts/disk-reader.js';
import { ProviderError, type ProviderErrorKind } from '../../src/contracts/provider-error.js';
import type { SnapshotDisk, SourceProvider, SourceSnapshot } from '../../src/contracts/source-provider.js';
import type { ChangeId } from '../../src/model/change-id.js';
import type { VmSelector } from '../../src/model/desired.js';
import { type Extent, endOf, subtract } from '../../src/model/extent.js';
import { type DiskKey, diskKey, snapshotRef, vmRef } from '../../src/model/ids.js';
import type { ObservedVm } from '../../src/model/observed-source.js';
import type { ProviderType } from '../../src/model/provider-types.js';

const MiB = 2 ** 20;
const SHUTDOWN_POLLS_MAX = 200;

/** One provider with a VM that the suite may snapshot, write to and switch off. */
export interface SourceUnderTest {
  readonly provider: SourceProvider;
  /**
   * Names a VM that is on, has no snapshots, change tracking that is off, running tools, and at least two disks of 4 MiB or
   * more that snapshots freeze. A machine of files is off, and has no tools.
   */
  readonly selector: VmSelector;
  /** Begins the names of snapshots that the suite takes. Unique for each run. */
  readonly prefix: string;
  /** The guest writes something else than was there. */
  write(disk: DiskKey, extent: Extent): Promise<void>;
  /** Lets time pass while a guest shuts down. */
  pause(): Promise<void>;
  /** Removes what tests have left, and closes. Called after each test. */
  cleanUp(): Promise<void>;
}

/**
 * The SourceProvider contract, for simulators and real services alike. `make` is called for each test. What only a vCenter
 * has (tracking, paths, stacked snapshots) is left out for an OpenStack cloud, and for machines of files what a running VM is for.
 */
export function describeSourceProvider(name: string, make: () => Promise<SourceUnderTest>, kind: ProviderType = 'vmware'): void {
  describe(`${name}: SourceProvider`, () => {
    const suite = new Suite(make, kind);
    beforeEach(() => suite.begin());
    afterEach(() => suite.end());
    describeObservation(suite);
    describeSnapshots(suite);
    if (kind === 'vmware') describeVcenter(suite);
    if (kind === 'vmware') describeChanges(suite);
    describeUntracked(suite);
    if (kind === 'nbd') describeOff(suite);
    else describePower(suite);
  });
}

class Suite {
  under!: SourceUnderTest;
  private snapshots = 0;
  constructor(
    private readonly make: () => Promise<SourceUnderTest>,
    readonly kind: ProviderType,
  ) {}

  get provider(): SourceProvider {
    return this.under.provider;
  }

  async begin(): Promise<void> {
    this.under = await this.make();
  }

  async end(): Promise<void> {
    await this.under.cleanUp();
    await this.provider[Symbol.asyncDispose]();
  }

  async vm(): Promise<ObservedVm> {
    const { selector } = this.under;
    const [lookup] = await this.provider.observe([selector]);
    return lookup?.kind === 'found' ? lookup.vm : expect.unreachable(`${JSON.stringify(selector)} is ${lookup?.kind}`);
  }

  snapshotRequest(): { readonly name: string; readonly description: string } {
    return { name: `${this.under.prefix}-${++this.snapshots}`, description: '{"tool":"migplan"}' };
  }

  snapshot = (vm: ObservedVm): Promise<SourceSnapshot> => this.provider.createSnapshot(vm.ref, this.snapshotRequest());

  /** Tracking is on, and a first snapshot has come and gone: its ids are what a target was seeded from. */
  async seeded(): Promise<{ readonly vm: ObservedVm; readonly base: ReadonlyMap<DiskKey, ChangeId> }> {
    const vm = await this.vm();
    await this.provider.enableChangeTracking(vm.ref);
    const snapshot = await this.snapshot(vm);
    await this.provider.removeSnapshot(vm.ref, snapshot.ref);
    return {
      vm,
      base: new Map(snapshot.disks.map(({ key, changeId }) => [key, changeId ?? expect.unreachable('no change id')])),
    };
  }

  async refusal(work: Promise<unknown>): Promise<ProviderErrorKind> {
    const error = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!(error instanceof ProviderError)) return expect.unreachable(`not a ProviderError: ${error}`);
    expect(error.details).toMatchObject({ provider: this.provider.name, call: expect.any(String), detail: expect.any(String) });
    return error.kind;
  }
}

const firstDisk = ({ disks }: SourceSnapshot): SnapshotDisk => disks[0] ?? expect.unreachable('the snapshot has no disks');

function describeObservation(suite: Suite): void {
  test('it says who it is, always the same', async () => {
    const identity = await suite.provider.identify();
    expect(identity).toMatchObject({ kind: suite.kind, id: expect.stringMatching(/./), endpoint: expect.stringMatching(/./) });
    expect(await suite.provider.identify()).toEqual(identity);
  });

  test('it lists what it can be asked for', async () => {
    const vm = await suite.vm();
    const listed = await suite.provider.list();
    expect(listed.map(({ name }) => name)).toEqual(listed.map(({ name }) => name).sort());
    expect(listed.find(({ ref }) => ref === vm.ref)).toEqual(vm);
  });

  test('a VM is described completely', async () => {
    const vm = await suite.vm();
    expect(vm).toMatchObject({
      power: suite.kind === 'nbd' ? 'off' : 'on',
      obstacles: [],
      toolsRunning: suite.kind !== 'nbd',
      snapshots: [],
      cbt: { supported: suite.kind === 'vmware', enabled: false },
    });
    expect(vm.currentSnapshot).toBeUndefined();
    expect(vm.disks.filter((disk) => disk.inSnapshots && disk.unsupported === undefined).length).toBeGreaterThanOrEqual(2);
    for (const disk of vm.disks) expect(disk.capacity % 512, disk.label).toBe(0);
    expect(vm.disks.map(({ key }) => key)).toContain(vm.bootDisk);
    expect(JSON.parse(JSON.stringify(vm))).toEqual(vm);
  });

  test('what is not there is not-found', async () => {
    expect(await suite.refusal(suite.provider.powerState(vmRef('vm-999999999')))).toBe('not-found');
    expect(await suite.refusal(suite.provider.createSnapshot(vmRef('vm-999999999'), suite.snapshotRequest()))).toBe('not-found');
  });
}

const pathOf = ({ under: { selector } }: Suite): string =>
  selector.kind === 'path' ? selector.path : expect.unreachable('no path');

function describeVcenter(suite: Suite): void {
  test('path, instance uuid and moref name the same VM, and answers keep the order of questions', async () => {
    const vm = await suite.vm();
    const selectors: VmSelector[] = [
      { kind: 'moref', moref: vm.ref },
      { kind: 'path', path: `${pathOf(suite)}-no-such-vm` },
      { kind: 'instanceUuid', instanceUuid: vm.instanceUuid },
      suite.under.selector,
      { kind: 'instanceUuid', instanceUuid: '00000000-dead-beef-0000-000000000000' },
      { kind: 'moref', moref: 'vm-999999999' },
      { kind: 'moref', moref: vm.ref },
    ];
    const answers = await suite.provider.observe(selectors);
    expect(answers.map((answer) => (answer.kind === 'found' ? answer.vm.ref : answer.kind))).toEqual([
      vm.ref,
      'not-found',
      vm.ref,
      vm.ref,
      'not-found',
      'not-found',
      vm.ref,
    ]);
    expect(await suite.provider.observe([])).toEqual([]);
  });

  test('tracking is switched on once, and not under a snapshot', async () => {
    const vm = await suite.vm();
    const snapshot = await suite.snapshot(vm);
    expect(await suite.refusal(suite.provider.enableChangeTracking(vm.ref))).toBe('conflict');
    await suite.provider.removeSnapshot(vm.ref, snapshot.ref);
    await suite.provider.enableChangeTracking(vm.ref);
    await suite.provider.enableChangeTracking(vm.ref);
    expect((await suite.vm()).cbt.enabled).toBe(true);
    for (const disk of (await suite.snapshot(vm)).disks) expect(disk.changeId, disk.file).toBeDefined();
    await suite.provider.enableChangeTracking(vm.ref);
  });
}

function describeSnapshots(suite: Suite): void {
  test('a snapshot freezes the disks that can be frozen, and is seen', async () => {
    const vm = await suite.vm();
    const request = suite.snapshotRequest();
    const snapshot = await suite.provider.createSnapshot(vm.ref, request);
    const freezable = vm.disks.filter((disk) => disk.inSnapshots && disk.unsupported === undefined);
    expect(snapshot).toMatchObject({ vm: vm.ref, name: request.name });
    expect(snapshot.disks.map(({ key, uuid, capacity }) => ({ key, uuid, capacity }))).toEqual(
      freezable.map(({ key, uuid, capacity }) => ({ key, uuid, capacity })),
    );
    expect(new Set(snapshot.disks.map(({ file }) => file)).size).toBe(freezable.length);
    const seen = await suite.vm();
    expect(seen.snapshots).toMatchObject([{ ref: snapshot.ref, ...request }]);
    if (suite.kind === 'vmware') expect(seen.currentSnapshot).toBe(snapshot.ref);
  });

  test('a name is used once', async () => {
    const vm = await suite.vm();
    const request = suite.snapshotRequest();
    const first = await suite.provider.createSnapshot(vm.ref, request);
    expect(await suite.provider.createSnapshot(vm.ref, request)).toEqual(first);
    expect((await suite.vm()).snapshots).toHaveLength(1);
  });

  test('removing takes one snapshot away and leaves those on top of it', async () => {
    const vm = await suite.vm();
    const [lower, upper] = [await suite.snapshot(vm), await suite.snapshot(vm)];
    await suite.provider.removeSnapshot(vm.ref, lower.ref);
    expect((await suite.vm()).snapshots.map(({ ref }) => ref)).toEqual([upper.ref]);
    await suite.provider.removeSnapshot(vm.ref, upper.ref);
    await suite.provider.removeSnapshot(vm.ref, upper.ref);
    await suite.provider.removeSnapshot(vm.ref, snapshotRef('snapshot-999999999'));
    expect((await suite.vm()).snapshots).toEqual([]);
  });

  test('a reader is named for each disk, and secrets stay out of its arguments', async () => {
    const snapshot = await suite.snapshot(await suite.vm());
    const readers = await Promise.all(snapshot.disks.map(({ key }) => suite.provider.reader(snapshot, key)));
    for (const reader of readers) {
      const { requestBytesMax, connections } = reader;
      const secrets = 'block' in reader ? [] : reader.secrets;
      for (const { value } of secrets) expect(whatIsOpened(reader)).not.toContain(value.reveal());
      expect(requestBytesMax).toBeGreaterThanOrEqual(64 * 1024);
      expect(connections).toBeGreaterThanOrEqual(1);
    }
    expect(new Set(readers.map(whatIsOpened)).size).toBe(snapshot.disks.length);
    expect(await suite.refusal(suite.provider.reader(snapshot, diskKey(999)))).toBe('not-found');
  });
}

const whatIsOpened = (reader: DiskReader): string => ('block' in reader ? JSON.stringify(reader.block) : reader.args.join(' '));

function describeChanges(suite: Suite): void {
  test('the history tells snapshots, what each has tracked, and since when the VM runs', async () => {
    const vm = await suite.vm();
    const untracked = await suite.snapshot(vm);
    expect((await suite.provider.history(vm.ref)).snapshots).toMatchObject([{ ref: untracked.ref, trackedDisks: [] }]);
    await suite.provider.removeSnapshot(vm.ref, untracked.ref);
    await suite.provider.enableChangeTracking(vm.ref);
    const snapshot = await suite.snapshot(vm);
    const tracked = snapshot.disks.filter(({ changeId }) => changeId !== undefined).map(({ key }) => key);
    expect(tracked.length).toBeGreaterThan(0);
    const history = await suite.provider.history(vm.ref);
    expect(history).toMatchObject({ currentSnapshot: snapshot.ref, snapshots: [{ ref: snapshot.ref, trackedDisks: tracked }] });
    const seen = await suite.vm();
    expect(seen).toMatchObject({ currentSnapshot: snapshot.ref, snapshots: [{ ref: snapshot.ref, trackedDisks: tracked }] });
    expect(Date.parse(history.bootTime ?? '')).toBe(Date.parse(seen.bootTime ?? 'absent'));
    await suite.provider.powerOff(vm.ref);
    expect((await suite.provider.history(vm.ref)).bootTime).toBeUndefined();
  });

  test('what the guest wrote since the base is among the changes, of each disk on its own', async () => {
    const { vm, base } = await suite.seeded();
    const [first, second] = [...base.keys()] as [DiskKey, DiskKey];
    const written: Extent[] = [
      { offset: 0, length: 512 },
      { offset: 3 * MiB - 512, length: 1024 },
    ];
    for (const extent of written) await suite.under.write(first, extent);
    const snapshot = await suite.snapshot(vm);
    await suite.under.write(second, { offset: MiB, length: 4096 });
    const capacity = firstDisk(snapshot).capacity;
    const changed = await suite.provider.changedExtents(snapshot, first, base.get(first)!);
    expect(subtract(written, changed)).toEqual([]);
    let end = -1;
    for (const extent of changed) {
      expect(extent.offset).toBeGreaterThan(end);
      expect(extent.length).toBeGreaterThan(0);
      end = endOf(extent);
    }
    expect(end).toBeLessThanOrEqual(capacity);
    const again = await suite.provider.changedExtents(snapshot, first, base.get(first)!);
    expect(subtract(written, again)).toEqual([]);
    const inSecond = await suite.provider.changedExtents(snapshot, second, base.get(second)!);
    expect(endOf(inSecond.at(-1) ?? { offset: 0, length: 0 })).toBeLessThanOrEqual(snapshot.disks[1]!.capacity);
  });

  test('a base stays good while snapshots come and go', async () => {
    const { vm, base } = await suite.seeded();
    const [first] = [...base.keys()] as [DiskKey];
    await suite.under.write(first, { offset: MiB, length: 512 });
    const between = await suite.snapshot(vm);
    await suite.provider.removeSnapshot(vm.ref, between.ref);
    await suite.under.write(first, { offset: 2 * MiB, length: 512 });
    const snapshot = await suite.snapshot(vm);
    const changed = await suite.provider.changedExtents(snapshot, first, base.get(first)!);
    expect(
      subtract(
        [
          { offset: MiB, length: 512 },
          { offset: 2 * MiB, length: 512 },
        ],
        changed,
      ),
    ).toEqual([]);
  });

  test('a base that cannot be compared is refused', async () => {
    const { vm, base } = await suite.seeded();
    const snapshot = await suite.snapshot(vm);
    const { key, changeId } = firstDisk(snapshot);
    const { epoch } = base.get(key)!;
    const otherEpoch = { epoch: [...epoch].reverse().join(''), sequence: 1 };
    const laterPoint = { epoch, sequence: changeId!.sequence + 1 };
    for (const since of [otherEpoch, laterPoint]) {
      expect(await suite.refusal(suite.provider.changedExtents(snapshot, key, since))).toBe('cbt-invalid');
    }
    expect(await suite.refusal(suite.provider.changedExtents(snapshot, diskKey(1), changeId!))).toBe('not-found');
  });
}

function describeUntracked(suite: Suite): void {
  test('without tracking there are no changes to be told', async () => {
    const snapshot = await suite.snapshot(await suite.vm());
    const { key, changeId } = firstDisk(snapshot);
    if (suite.kind !== 'nbd') expect(changeId).toBeUndefined();
    expect(await suite.refusal(suite.provider.changedExtents(snapshot, key, { epoch: 'a', sequence: 1 }))).toBe('cbt-invalid');
  });
}

function describeOff(suite: Suite): void {
  test('what is off is switched off by nothing', async () => {
    const { ref } = await suite.vm();
    expect(await suite.provider.powerState(ref)).toBe('off');
    await suite.provider.shutdownGuest(ref);
    await suite.provider.powerOff(ref);
    expect(await suite.provider.powerState(ref)).toBe('off');
  });

  test('a snapshot names what each disk holds, and another one when somebody wrote to it', async () => {
    const vm = await suite.vm();
    const contents = async () => (await suite.vm()).disks.map(({ changeId }) => changeId ?? expect.unreachable('no content'));
    const before = await contents();
    const snapshot = await suite.snapshot(vm);
    expect(snapshot.disks.map(({ changeId }) => changeId)).toEqual(before);
    const [first, second] = snapshot.disks.map(({ key }) => key) as [DiskKey, DiskKey];
    expect(await suite.provider.changedExtents(snapshot, first, before[0]!)).toEqual([]);
    const readers = [await suite.provider.reader(snapshot, first), await suite.provider.reader(snapshot, second)];
    for (const reader of readers) await reader.requireUnmoved?.();
    await suite.under.write(first, { offset: MiB, length: 512 });
    expect(await suite.refusal(readers[0]!.requireUnmoved!())).toBe('conflict');
    await readers[1]!.requireUnmoved!();
    await suite.provider.removeSnapshot(vm.ref, snapshot.ref);
    const after = await contents();
    expect(after[0]).not.toEqual(before[0]);
    expect(after[1]).toEqual(before[1]);
    const later = await suite.snapshot(vm);
    expect(await suite.refusal(suite.provider.changedExtents(later, first, before[0]!))).toBe('cbt-invalid');
  });
}

function describePower(suite: Suite): void {
  test('a guest shuts down when asked, and stays down', async () => {
    const { ref } = await suite.vm();
    expect(await suite.provider.powerState(ref)).toBe('on');
    await suite.provider.shutdownGuest(ref);
    for (let polls = 0; (await suite.provider.powerState(ref)) !== 'off'; polls++) {
      expect(polls).toBeLessThan(SHUTDOWN_POLLS_MAX);
      await suite.under.pause();
    }
    await suite.provider.shutdownGuest(ref);
    await suite.provider.powerOff(ref);
    expect((await suite.vm()).power).toBe('off');
  });

  test('pulling the plug works once and twice', async () => {
    const { ref } = await suite.vm();
    await suite.provider.powerOff(ref);
    expect(await suite.provider.powerState(ref)).toBe('off');
    await suite.provider.powerOff(ref);
  });
}
