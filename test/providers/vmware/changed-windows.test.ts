import { describe, expect, test } from 'vitest';
import type { SourceProvider, SourceSnapshot } from '../../../src/contracts/source-provider.js';
import { Secret } from '../../../src/host/secret.js';
import { formatChangeId } from '../../../src/model/change-id.js';
import { diskKey, snapshotRef, vmRef } from '../../../src/model/ids.js';
import { openVmware } from '../../../src/providers/vmware/index.js';
import { LOGIN, response, SERVICE_CONTENT } from './envelope.js';
import { FastClock } from './fast-clock.js';
import { READER } from './lab.js';
import { WireServer } from './wire-server.js';

const UNIT = 64 * 1024;
const vm = vmRef('vm-400');
const disk = diskKey(2000);

describe('windows of changed areas', () => {
  const window = (start: number | string, length: number | string, areas = ''): string =>
    `<returnval><startOffset>${start}</startOffset><length>${length}</length>${areas}</returnval>`;
  const snapshot: SourceSnapshot = {
    ref: snapshotRef('snapshot-77'),
    vm,
    name: 's',
    disks: [{ key: disk, uuid: 'u', capacity: 1000 * UNIT, file: 'f', changeId: { epoch: 'e', sequence: 9 } }],
  };
  const area = (start: number | string, length: number | string): string =>
    `<changedArea><start>${start}</start><length>${length}</length></changedArea>`;

  async function asked(
    windows: readonly string[],
    work: (source: SourceProvider, server: WireServer) => Promise<void>,
  ): Promise<void> {
    await using server = await WireServer.start();
    const queue = [...windows];
    server.handler = ({ method }) => {
      if (method === 'RetrieveServiceContent') return { body: SERVICE_CONTENT };
      if (method === 'Login') return { body: LOGIN };
      return { body: response(method, method === 'QueryChangedDiskAreas' ? queue.shift()! : '') };
    };
    const config = {
      name: 'vc',
      server: `127.0.0.1:${server.port}`,
      user: 'u',
      password: new Secret('pass-of-lab'),
      tls: { caFile: server.identity.caFile },
      reader: READER,
    };
    let ids = 0;
    await using scripted = await openVmware(config, { clock: new FastClock(), newId: () => String(++ids), random: () => 0 });
    await work(scripted, server);
  }

  test.each([
    ['starts elsewhere', [window(UNIT, 10 * UNIT)]],
    ['starts elsewhere, later', [window(0, 10 * UNIT), window(11 * UNIT, UNIT)]],
    ['has no length', [window(0, 0)]],
    ['has a negative length', [window(0, -UNIT)]],
  ])('one that %s', async (_name, windows) => {
    await asked(windows, async (scripted) => {
      await expect(scripted.changedExtents(snapshot, disk, { epoch: 'e', sequence: 5 })).rejects.toMatchObject({
        kind: 'cbt-invalid',
      });
    });
  });

  test('one with an offset that is not exact', async () => {
    await asked([window(0, '9007199254740993')], async (scripted) => {
      await expect(scripted.changedExtents(snapshot, disk, { epoch: 'e', sequence: 5 })).rejects.toMatchObject({
        kind: 'invalid',
      });
    });
  });

  test('disorder, doubles and what reaches out of the disk are put right; the end is never asked from', async () => {
    const areas =
      area(5 * UNIT, 3) + area(0, 1) + area(5 * UNIT, 3) + area(998 * UNIT, 50 * UNIT) + area(-UNIT, UNIT + 1) + area(7, 0);
    await asked([window(0, 5000 * UNIT, areas)], async (scripted, server) => {
      expect(await scripted.changedExtents(snapshot, disk, { epoch: 'e', sequence: 9 })).toEqual([
        { offset: 0, length: UNIT },
        { offset: 5 * UNIT, length: UNIT },
        { offset: 998 * UNIT, length: 2 * UNIT },
      ]);
      expect(server.requests.filter(({ method }) => method === 'QueryChangedDiskAreas')).toHaveLength(1);
    });
  });

  test('the id goes back as it came', async () => {
    const since = { epoch: '52 2d 7b 8f ac 61 51 cc-77 4c 7b ec 91 50 bb 7b', sequence: 6 };
    const frozen = { ...snapshot, disks: [{ ...snapshot.disks[0]!, changeId: { ...since, sequence: 7 } }] };
    await asked([window(0, 1000 * UNIT)], async (scripted, server) => {
      await scripted.changedExtents(frozen, disk, since);
      expect(server.requests.at(-1)!.body).toContain(`>${formatChangeId(since)}<`);
    });
  });
});
