import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ProviderError } from '../../src/contracts/provider-error.js';
import type { SourceProvider } from '../../src/contracts/source-provider.js';
import type { TargetProvider, TargetVolume } from '../../src/contracts/target-provider.js';
import { projectStatus } from '../../src/engine/status.js';
import { loadProject } from '../../src/manifest/load.js';
import type { ObservedVm } from '../../src/model/observed-source.js';
import { Runtime } from '../../src/runtime.js';
import { takeLock } from '../../src/state/backend/file-lock.js';
import { encodeRecord } from '../../src/state/sync-record-codec.js';
import { openVmLedger } from '../../src/state/vm-ledger.js';
import { migrationText, projectText } from '../manifest/in-folder.js';
import * as s from '../plan/plan-fixture.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'status-'));
});
afterEach(() => rm(folder, { recursive: true }));

const { reading: recorded, ...plain } = s.volume();
if (recorded.kind !== 'record') throw new Error('the scene has a record');
const left: TargetVolume = { ...plain, id: s.volumeId('left'), metadata: encodeRecord(recorded.record) };

/** One VM goes to `os1`; the Project has two clouds more. */
class ThreeClouds extends Runtime {
  readonly opened: string[] = [];
  vm: ObservedVm | undefined;

  static async open3(): Promise<ThreeClouds> {
    const more = ['old', 'gone'].map((name) => `    ${name}: {type: openstack, cloud: ${name}, access: {type: cinder}}`);
    await mkdir(join(folder, 'manifests'));
    await writeFile(join(folder, 'migplan.yaml'), projectText(more.join('\n')));
    await writeFile(join(folder, 'manifests', 'vm.yaml'), migrationText('web01'));
    const env = { MIGPLAN_DATA_DIR: join(folder, 'data') };
    const loaded = await loadProject({ cwd: folder, env });
    expect(loaded.diagnostics).toEqual([]);
    return new ThreeClouds(loaded, loaded.project!, env);
  }

  protected override async openSource(): Promise<SourceProvider> {
    return {
      observe: async () => [
        this.vm === undefined ? { kind: 'not-found', nearest: [], check: '' } : { kind: 'found', vm: this.vm },
      ],
      [Symbol.asyncDispose]: async () => {},
    } as unknown as SourceProvider;
  }

  protected override async openTarget(name: string): Promise<TargetProvider> {
    this.opened.push(name);
    if (name === 'gone')
      throw new ProviderError({
        kind: 'denied',
        code: 'MP4001',
        provider: name,
        call: 'POST /auth/tokens',
        detail: 'no such user',
      });
    const volumes = name === 'old' ? [left] : [];
    return {
      identify: async () => ({ kind: 'openstack', endpoint: name, id: name }),
      observe: async () => ({ volumes, servers: [], catalog: s.catalog }),
      [Symbol.asyncDispose]: async () => {},
    } as unknown as TargetProvider;
  }
}

test('a cloud that no manifest names any more is looked at; one that is gone is told, and ends nothing', async () => {
  await using runtime = await ThreeClouds.open3();
  const { unclaimed, unseen, disks } = await projectStatus(runtime, { migrations: runtime.loaded.migrations, isAll: true });
  expect(unclaimed.map(({ provider, volume }) => [provider, volume])).toEqual([['old', 'left']]);
  expect(unseen.map(({ provider }) => provider)).toEqual(['gone']);
  expect(unseen[0]?.why).toContain('no such user');
  expect(disks.map(({ power }) => power)).toEqual(['not-found']);
});

test('of a selection nothing is said of what nobody claims, and no other cloud is opened', async () => {
  await using runtime = await ThreeClouds.open3();
  const { unclaimed, unseen, disks } = await projectStatus(runtime, { migrations: runtime.loaded.migrations, isAll: false });
  expect([unclaimed, unseen]).toEqual([[], []]);
  expect(disks).toHaveLength(1);
  expect(runtime.opened).not.toContain('gone');
});

test('what a run that is alive holds is its work and not left over; when it has ended it is', async () => {
  await using runtime = await ThreeClouds.open3();
  const state = await (await runtime.state()).prepare();
  const ledger = await openVmLedger(state.ledger('web01'));
  await ledger.snapshotIntended('migplan-run-1');
  await ledger.snapshotTaken('migplan-run-1', s.snapshotRef('snapshot-7'));
  runtime.vm = s.vm({ snapshots: [{ ref: s.snapshotRef('snapshot-7'), name: 'migplan-run-1', description: '', createdAt: '' }] });
  {
    await using _ = await takeLock(state.vmLock('web01').place, 'apply run-1', new Date());
    const { running, leftovers } = await projectStatus(runtime, { migrations: runtime.loaded.migrations, isAll: true });
    expect([running, leftovers]).toMatchObject([[{ address: 'vm/web01', operation: 'apply run-1' }], []]);
  }
  const { running, leftovers } = await projectStatus(runtime, { migrations: runtime.loaded.migrations, isAll: true });
  expect([running, leftovers]).toEqual([[], ['vm/web01: snapshot snapshot-7']]);
});
