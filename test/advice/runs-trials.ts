import { expect } from 'vitest';
import { findRun } from '../../src/engine/runs/find-run.js';
import { listRuns } from '../../src/engine/runs/read-runs.js';
import { RecordedRuntime } from '../engine/recorded-runs.js';
import { refused, stepOf, type Trial } from './tried.js';

export const runsTrials: readonly Trial[] = [
  {
    advice: 'see which there are: migplan runs list',
    run: async () => {
      await using runtime = await RecordedRuntime.openNew();
      const { run } = await runtime.apply();
      const state = await runtime.state();
      stepOf(await refused(() => findRun(state, 'nonesuch')), 'see which there are: migplan runs list');
      const [listed] = await listRuns(state);
      expect(listed?.run).toBe(run);
      expect((await findRun(state, listed!.run)).run).toBe(run);
    },
  },
];
