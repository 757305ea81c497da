import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sameBytes } from '../../lab/harness/compare.js';
import { scatteredDisk } from '../../lab/harness/scattered-disk.js';
import { SshServer } from '../../lab/harness/ssh-server.js';
import { TwoClouds } from '../../lab/harness/two-clouds.js';
import { migplan } from './steps.js';

// The old cloud's conversion host is another machine, as far as migplan knows: this one, by a real sshd.
test('a server of two disks is copied by way of clones on a conversion host that is reached by ssh', async () => {
  await using server = await SshServer.start();
  await using clouds = await TwoClouds.open('nova', { ssh: `{host: ${server.host}, config: ${server.config}}` });
  const planted = await clouds.plant({
    name: 'legacy-app',
    volumes: [
      {
        name: 'root',
        sizeGiB: 1,
        fromFile: scatteredDisk(join(clouds.home, 'root.raw'), 1),
        imageMetadata: { hw_disk_bus: 'virtio' },
      },
      { name: 'data', sizeGiB: 1, fromFile: scatteredDisk(join(clouds.home, 'data.raw'), 2) },
    ],
  });
  await clouds.write(
    'manifests/legacy-app.yaml',
    'apiVersion: migplan.dev/v1alpha1\nkind: Migration\nmetadata: {name: legacy-app}\nspec:\n' +
      '  source: {server: legacy-app, rehearsal: true}\n  phase: cutover\n  target: {server: {}}\n',
  );
  await migplan(clouds, ['apply', '--auto-approve']);
  for (const [index, { file }] of planted.volumes.entries()) {
    const copy = await clouds.target.control.volumeNamed(`legacy-app-${index}`);
    expect(await sameBytes(file, copy.file, 2 ** 30), copy.name).toBe(true);
  }
  expect(await server.log()).toContain('Accepted publickey');
  expect(await clouds.leftovers()).toEqual([]);
  expect(await server.processes()).toEqual([]);
});
