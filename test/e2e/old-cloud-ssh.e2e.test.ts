import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { oldCloudByHost } from '../../lab/harness/parts/old-cloud.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { sameBytes } from '../../lab/harness/same-bytes.js';
import { scatteredDisk } from '../../lab/harness/scattered-disk.js';
import { SshServer } from '../../lab/harness/ssh-server.js';
import { migplan } from './steps.js';

// The old cloud's conversion host is another machine, as far as migplan knows: this one, by a real sshd.
test('a server of two disks is copied by way of clones on a conversion host that is reached by ssh', async () => {
  await using server = await SshServer.start();
  const ssh = `{host: ${server.host}, config: ${server.config}}`;
  await using bench = await Bench.open({ source: oldCloudByHost({ ssh }), target: simulatedCloud() });
  const project = await bench.project('project', { limits: '{transfers: 2, batch: 64MiB}' });
  const planted = await bench.source.plant({
    name: 'legacy-app',
    volumes: [
      {
        name: 'root',
        sizeGiB: 1,
        fromFile: scatteredDisk(join(bench.folder, 'root.raw'), 1),
        imageMetadata: { hw_disk_bus: 'virtio' },
      },
      { name: 'data', sizeGiB: 1, fromFile: scatteredDisk(join(bench.folder, 'data.raw'), 2) },
    ],
  });
  await project.manifest('legacy-app', 'source: {server: legacy-app, rehearsal: true}\nphase: cutover\ntarget: {server: {}}');
  await migplan(project, ['apply', '--auto-approve']);
  for (const [index, { file }] of planted.volumes.entries()) {
    const copy = await bench.target.control.volumeNamed(`legacy-app-${index}`);
    expect(await sameBytes(file, copy.file, 2 ** 30), copy.name).toBe(true);
  }
  expect(await server.log()).toContain('Accepted publickey');
  expect(await bench.leftovers()).toEqual([]);
  expect(await server.processes()).toEqual([]);
});
