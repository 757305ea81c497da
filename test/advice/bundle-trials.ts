import { join } from 'node:path';
import { expect } from 'vitest';
import { newBundlePath } from '../../src/cli/bundle-path.js';
import { inFolder } from '../manifest/in-folder.js';
import { refused, stepOf, type Trial } from './tried.js';

const advice = 'write to another file: migplan bundle --out FILE';

export const bundleTrials: readonly Trial[] = [
  {
    advice,
    run: () =>
      inFolder({ 'x.tar.gz': 'mine' }, async (folder) => {
        stepOf(await refused(() => newBundlePath(folder, 'x.tar.gz', 'run')), advice);
        expect(await newBundlePath(folder, 'FILE', 'run')).toBe(join(folder, 'FILE'));
      }),
  },
];
