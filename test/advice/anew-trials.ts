import { expect } from 'vitest';
import { told, Workshop } from '../apply/workshop.js';
import { stepOf, type Trial } from './tried.js';

/** Somebody makes the volume by hand after the plan was made, and takes it away again. */
export const anewTrials: readonly Trial[] = [
  {
    advice: 'make a new plan: migplan plan --out plan.json',
    run: async () => {
      const shop = await Workshop.open();
      const { cloud } = shop.add('a', { phase: 'sync' });
      const plan = await shop.plan();
      const { id } = await cloud.provider.createVolume({ name: 'a-2000', sizeGiB: 1, metadata: {} });
      const [outcome] = await shop.apply(plan);
      expect(told([outcome!])).toEqual(['vm/a refused MP3003']);
      stepOf(
        outcome!.diagnostics.flatMap(({ nextSteps = [] }) => [...nextSteps]),
        anewTrials[0]!.advice,
      );
      cloud.volumes.delete(id);
      expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a done']);
    },
  },
];
