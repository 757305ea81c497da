import { expect } from 'vitest';
import { startTracing } from '../../src/cli/tracing.js';
import { endTrace, isTraced } from '../../src/host/trace.js';
import { refused, stepOf, type Trial } from './tried.js';

export const traceTrials: readonly Trial[] = [
  {
    advice: 'use one of <…>, and a file if need be: export MIGPLAN_LOG=debug:migplan.log',
    run: async () => {
      const start = (wanted: string) => startTracing({ wanted, verbose: false, folder: '/nonexistent', err: () => undefined });
      const step = stepOf(
        await refused(() => start('loud')),
        'use one of <…>, and a file if need be: export MIGPLAN_LOG=debug:migplan.log',
      );
      for (const level of ['warn', 'info', 'debug']) {
        expect(step).toContain(level);
        await start(level).end();
      }
      expect(start(step.split('MIGPLAN_LOG=')[1]!).isOnStderr).toBe(false);
      expect(isTraced('debug')).toBe(true);
      endTrace();
    },
  },
];
