import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { World } from '../../lab/sim/world.js';
import type { SourceProvider } from '../../src/contracts/source-provider.js';
import type { TargetProvider } from '../../src/contracts/target-provider.js';
import { exitCodes } from '../../src/diag/exit-codes.js';
import { type ApplyRequest, applySavedPlan } from '../../src/engine/apply-saved-plan.js';
import { makePlan } from '../../src/engine/make-plan.js';
import { systemClock } from '../../src/host/clock.js';
import { loadProject } from '../../src/manifest/load.js';
import type { VmLookup } from '../../src/model/observed-source.js';
import type { PlanFile } from '../../src/plan/file/plan-file.js';
import { Runtime } from '../../src/runtime.js';
import { noteText } from '../../src/views/apply/note-text.js';
import { migrationText, projectText } from '../manifest/in-folder.js';

/**
 * A VM for each manifest, all with the same disk; a cloud with a quota; and a source that answers until it is told to be slow: then it
 * waits, as providers do.
 */
class SmallEstate extends Runtime {
  readonly world = new World(1, 1);
  isSlow = false;
  volumesLeft = 2;

  static async openIn(folder: string, ...names: readonly string[]): Promise<SmallEstate> {
    await mkdir(join(folder, 'manifests'));
    await writeFile(join(folder, 'migplan.yaml'), projectText());
    for (const name of names) await writeFile(join(folder, 'manifests', `${name}.yaml`), migrationText(name));
    const env = { MIGPLAN_DATA_DIR: join(folder, 'data') };
    const loaded = await loadProject({ cwd: folder, env });
    return new SmallEstate(loaded, loaded.project!, env);
  }

  protected override async openSource(): Promise<SourceProvider> {
    const { provider } = this.world.vm;
    return {
      ...provider,
      observe: async (selectors) => {
        if (this.isSlow) await systemClock.sleep(3_600_000);
        const lookups = await provider.observe(selectors);
        return lookups.map((lookup, index): VmLookup => {
          const selector = selectors[index]!;
          const instanceUuid = selector.kind === 'path' ? selector.path : '';
          return lookup.kind === 'found' ? { ...lookup, vm: { ...lookup.vm, instanceUuid } } : lookup;
        });
      },
    };
  }

  protected override async openTarget(): Promise<TargetProvider> {
    const { provider } = this.world.cloud;
    return {
      ...provider,
      observe: async () => {
        const inventory = await provider.observe();
        return { ...inventory, catalog: { ...inventory.catalog, quota: { volumesLeft: this.volumesLeft } } };
      },
    };
  }
}

async function openEstate(...names: readonly string[]): Promise<SmallEstate> {
  const folder = await mkdtemp(join(tmpdir(), 'apply-saved-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const runtime = await SmallEstate.openIn(folder, ...names);
  onTestFinished(() => runtime[Symbol.asyncDispose]());
  return runtime;
}

const planOf = (runtime: Runtime): Promise<PlanFile> =>
  makePlan(runtime, { migrations: runtime.loaded.migrations, selected: [], version: '0' });

const request = (runtime: Runtime, plan: PlanFile, over: Partial<ApplyRequest> = {}): ApplyRequest => ({
  runtime,
  plan,
  isSaved: true,
  unapproved: [],
  parallelism: 1,
  stoppedExit: () => 130,
  invocation: { version: '0', command: ['migplan', 'apply'] },
  signal: new AbortController().signal,
  emit: () => undefined,
  wordsOf: noteText,
  onOutcome: () => undefined,
  ...over,
});

test('somebody says stop while the world is compared with the plan: nothing is waited for, and nothing was begun', async () => {
  const runtime = await openEstate('web01');
  const plan = await planOf(runtime);
  expect(plan.migrations.map(({ actions }) => actions.length > 0)).toEqual([true]);
  runtime.isSlow = true;
  const abort = new AbortController();
  const told: string[] = [];
  setTimeout(() => abort.abort(), 50);
  const { outcomes, journal } = await applySavedPlan(
    request(runtime, plan, {
      signal: abort.signal,
      onOutcome: ({ address, result }) => told.push(`${address} ${result}`),
    }),
  );
  expect(outcomes).toEqual([{ address: 'vm/web01', result: 'not-started', diagnostics: [] }]);
  expect(told).toEqual(['vm/web01 not-started']);
  expect(journal).toBeUndefined();
});

test('others used up what the VMs need together, though each for itself has room: the plan is refused, and nothing was begun', async () => {
  const runtime = await openEstate('web01', 'web02');
  const plan = await planOf(runtime);
  expect(plan.counts).toMatchObject({ create: 2, blocked: 0 });
  runtime.volumesLeft = 1;
  const told: string[] = [];
  const refused = applySavedPlan(request(runtime, plan, { onOutcome: ({ address }) => told.push(address) }));
  await expect(refused).rejects.toMatchObject({
    exit: exitCodes.planRefused,
    diagnostics: [
      {
        code: 'MP2019',
        address: 'vm/web02',
        detail: 'cloud: the plan needs 2 new volumes and the quota leaves 1; nothing was changed',
      },
    ],
  });
  expect([told, [...runtime.world.cloud.volumes]]).toEqual([[], []]);
});
