import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { World } from '../../lab/sim/world.js';
import type { SourceProvider } from '../../src/contracts/source-provider.js';
import type { TargetProvider } from '../../src/contracts/target-provider.js';
import { applySavedPlan } from '../../src/engine/apply-saved-plan.js';
import { makePlan } from '../../src/engine/make-plan.js';
import { systemClock } from '../../src/host/clock.js';
import { loadProject } from '../../src/manifest/load.js';
import { Runtime } from '../../src/runtime.js';
import { migrationText, projectText } from '../manifest/in-folder.js';

/** A source that answers until it is told to be slow: then it waits, as providers do. */
class SlowSource extends Runtime {
  readonly world = new World(1, 1);
  isSlow = false;

  static async openIn(folder: string): Promise<SlowSource> {
    await mkdir(join(folder, 'manifests'));
    await writeFile(join(folder, 'migplan.yaml'), projectText());
    await writeFile(join(folder, 'manifests', 'vm.yaml'), migrationText('web01'));
    const env = { MIGPLAN_DATA_DIR: join(folder, 'data') };
    const loaded = await loadProject({ cwd: folder, env });
    return new SlowSource(loaded, loaded.project!, env);
  }

  protected override async openSource(): Promise<SourceProvider> {
    const { provider } = this.world.vm;
    return {
      ...provider,
      observe: async (selectors) => {
        if (this.isSlow) await systemClock.sleep(3_600_000);
        return provider.observe(selectors);
      },
    };
  }

  protected override async openTarget(): Promise<TargetProvider> {
    return this.world.cloud.provider;
  }
}

test('somebody says stop while the world is compared with the plan: nothing is waited for, and nothing was begun', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'apply-saved-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await using runtime = await SlowSource.openIn(folder);
  const plan = await makePlan(runtime, { migrations: runtime.loaded.migrations, selected: [], version: '0' });
  expect(plan.migrations.map(({ actions }) => actions.length > 0)).toEqual([true]);
  runtime.isSlow = true;
  const abort = new AbortController();
  const told: string[] = [];
  setTimeout(() => abort.abort(), 50);
  const { outcomes, journal } = await applySavedPlan({
    runtime,
    plan,
    isSaved: true,
    unapproved: [],
    parallelism: 1,
    signal: abort.signal,
    stoppedExit: () => 130,
    invocation: { version: '0', command: ['migplan', 'apply'] },
    emit: () => undefined,
    onOutcome: ({ address, result }) => told.push(`${address} ${result}`),
  });
  expect(outcomes).toEqual([{ address: 'vm/web01', result: 'not-started', diagnostics: [] }]);
  expect(told).toEqual(['vm/web01 not-started']);
  expect(journal).toBeUndefined();
});
