import { join } from 'node:path';
import { expect } from 'vitest';
import { parseCommandLine } from '../../lab/vddk-sim/command-line.js';
import { BadArguments, readVddkArguments } from '../../lab/vddk-sim/vddk-arguments.js';
import type { PluginReader } from '../../src/contracts/disk-reader.js';
import type { VddkReaderConfig } from '../../src/manifest/project/project-config.js';
import { diskKey } from '../../src/model/ids.js';
import { TransferError } from '../../src/transfer/errors.js';
import { explainReaderFailure } from '../../src/transfer/reader-failure.js';
import { told, Workshop } from '../apply/workshop.js';
import { inFolder, loadFiles, migrationText, projectText } from '../manifest/in-folder.js';
import { startVmwareLab } from '../providers/vmware/lab.js';
import { stepOf, type Trial } from './tried.js';

/** The reader as the Project says it, with these words in it. */
export async function readerOf(words: string): Promise<VddkReaderConfig> {
  const { project, diagnostics } = await loadFiles({
    'migplan.yaml': projectText().replace('reader: {type: vddk, libdir: vddk}', `reader: {type: vddk, libdir: /vddk${words}}`),
    'manifests/vm.yaml': migrationText('web01'),
  });
  expect(diagnostics.map(({ detail }) => detail)).toEqual([]);
  const vcenter = project!.providers['vc']!;
  return vcenter.type === 'vmware' ? vcenter.reader : expect.unreachable('vc is a vCenter');
}

/** What the plugin says to the arguments that migplan gives it; '' when it takes them. */
async function pluginSays(words: string, folder: string): Promise<string> {
  const reader = { ...(await readerOf(words)), libdir: join(folder, 'vddk') };
  await using lab = await startVmwareLab({
    datacenters: [{ name: 'DC1', vms: [{ name: 'web01', cbtEnabled: true, disks: [{ capacityBytes: 2 ** 20 }] }] }],
  });
  const source = await lab.open({ reader });
  const [found] = await source.observe([{ kind: 'path', path: '/DC1/vm/web01' }]);
  if (found?.kind !== 'found') return expect.unreachable(JSON.stringify(found));
  const snapshot = await source.createSnapshot(found.vm.ref, { name: 'migplan-a', description: '' });
  const { args, plugin } = (await source.reader(snapshot, diskKey(2000))) as PluginReader;
  try {
    readVddkArguments(parseCommandLine(['-r', plugin, ...args, `password=+${join(folder, 'password')}`]));
    return '';
  } catch (error) {
    if (error instanceof BadArguments) return error.message;
    throw error;
  }
}

const chosen = 'take transports out of the reader, so that VDDK chooses, or set transports: nbdssl';
const transports = ['', ', transports: nbdssl'].map(
  (words): Trial => ({
    advice: chosen,
    run: () =>
      inFolder({ 'vddk/lib64/libvixDiskLib.so.8': '', password: 'word' }, async (folder) => {
        const said = await pluginSays(', transports: nfc', folder);
        stepOf(explainReaderFailure(said).nextSteps ?? [], chosen);
        expect(await pluginSays(words, folder)).toBe('');
      }),
  }),
);

const OPEN_MS = 100;

/** An ESXi host that serves one disk at a time. */
const sessions: Trial = {
  advice: 'lower limits.transfers of the Project, or let backups that read from this host end; then run again',
  run: async () => {
    const shop = await Workshop.open();
    const world = shop.add('a', { phase: 'sync' }, 2);
    let open = 0;
    const { dataPlane } = world;
    shop.dataPlaneOver = {
      nonZeroExtents: (endpoint) => dataPlane.nonZeroExtents(endpoint),
      firstDifference: (comparison) => dataPlane.firstDifference(comparison),
      openSource: async (reader, size) => {
        if (++open > 1) {
          open--;
          const { detail, nextSteps = [] } = explainReaderFailure(
            'vddk: error: NFC error 5: Failed to allocate the requested 24117272 bytes',
          );
          throw new TransferError({ code: 'MP6002', call: 'open source', detail, nextSteps });
        }
        // As long as the other disk may take to come.
        await new Promise((resolve) => setTimeout(resolve, OPEN_MS));
        const endpoint = await dataPlane.openSource(reader, size);
        return Object.assign(endpoint, {
          close: async () => {
            open--;
          },
        });
      },
    };
    const settings = { batchBytes: 3, repairBytes: 1, transfersMax: 2 };
    const plan = await shop.plan();
    const [outcome] = await shop.apply(plan, { settings });
    stepOf(
      outcome!.diagnostics.flatMap(({ nextSteps = [] }) => [...nextSteps]),
      sessions.advice,
    );
    const { project } = await loadFiles({ 'migplan.yaml': projectText('  limits: {transfers: 1}') });
    const { transfers } = project!.limits;
    expect(told(await shop.apply(plan, { settings: { ...settings, transfersMax: transfers } }))).toEqual(['vm/a done']);
  },
};

export const vddkTrials: readonly Trial[] = [...transports, sessions];
