import { join } from 'node:path';
import { expect } from 'vitest';
import type { MachineNeed } from '../../src/contracts/disk-reader.js';
import { ProgramFinder } from '../../src/host/program.js';
import { openRunFolder } from '../../src/host/run-folder.js';
import { needsPreflight } from '../../src/transfer/index.js';
import { inFolder } from '../manifest/in-folder.js';
import { isInstance, type Trial } from './tried.js';

/** What stands in the Project names nothing on this machine; corrected it does. */
const corrected = (advice: string, need: (folder: string) => MachineNeed): Trial => ({
  advice,
  run: () =>
    inFolder({ 'ceph.conf': '' }, async (folder) => {
      await using run = await openRunFolder();
      const check = needsPreflight(new ProgramFinder('/nonexistent'), async () => run.path);
      const steps = (await check([need(join(folder, 'elsewhere'))])).flatMap(({ nextSteps = [] }) => nextSteps);
      expect(steps.filter((step) => isInstance(step, advice))).toHaveLength(1);
      expect(await check([need(folder)])).toEqual([]);
    }),
});

export const readerTrials: readonly Trial[] = [
  corrected('run migplan on the storage host, or correct access.local.folders of the provider', (path) => ({
    kind: 'folder',
    path,
  })),
  corrected(
    "copy it from the storage's administrators, with the user's keyring, or correct access.rbd.conf of the provider",
    (folder) => ({ kind: 'rbd', conf: join(folder, 'ceph.conf') }),
  ),
];
