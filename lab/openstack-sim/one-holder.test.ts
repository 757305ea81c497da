import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ConformanceClient } from './conformance/client.js';
import { type SimFixture, startFixture } from './sim-fixture.js';

type Step =
  | 'hold'
  | 'connect'
  | 'complete'
  | 'remove'
  | 'boot'
  | 'delete server'
  | 'attach'
  | 'detach'
  | 'delete volume'
  | 'wait';

const steps = fc.array(
  fc.constantFrom<Step>(
    'hold',
    'connect',
    'complete',
    'remove',
    'boot',
    'delete server',
    'attach',
    'detach',
    'delete volume',
    'wait',
  ),
  { minLength: 1, maxLength: 14 },
);

// Goal: whatever members and Nova ask in whatever order, one volume never has two holders, its status tells
// the truth about them, and a held volume is never deleted.
// Method: random requests over HTTP; after each, look behind the APIs.
describe('one holder', () => {
  test('any order of attachments, boots, detaches and deletions', async () => {
    await using fixture = await startFixture({
      projects: [{ name: 'demo', quota: { instances: -1, cores: -1, ramMiB: -1 } }, { name: 'other' }, { name: 'admin' }],
    });
    const client = await fixture.as('demo');
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const volumeId = fixture.sim.control.createVolume({ project: 'demo', sizeGiB: 1, bootable: true }).id;
        const hostId = await bootOther(fixture, client);
        for (const step of sequence) {
          const holdersBefore = holders(fixture, volumeId);
          await take(fixture, client, { step, volumeId, hostId });
          expectTruth(fixture, volumeId, { step, holdersBefore });
        }
      }),
      { numRuns: 40, seed: 7 },
    );
    expect(fixture.sim.control.calls().filter(({ bug }) => bug !== undefined)).toEqual([]);
  });
});

const holders = (fixture: SimFixture, volumeId: string) =>
  fixture.sim.control.attachments().filter((attachment) => attachment.volumeId === volumeId);

function expectTruth(
  fixture: SimFixture,
  volumeId: string,
  { step, holdersBefore }: { step: Step; holdersBefore: readonly unknown[] },
): void {
  const held = holders(fixture, volumeId);
  expect(held.length, step).toBeLessThanOrEqual(1);
  const volume = fixture.sim.control.volumes().find(({ id }) => id === volumeId);
  if (volume === undefined || volume.status === 'deleting') {
    expect([held.length, holdersBefore.length], step).toEqual([0, 0]);
    return;
  }
  const expected = { reserved: ['reserved'], attaching: ['attaching'], attached: ['in-use', 'detaching'] };
  expect(held[0] === undefined ? ['available'] : expected[held[0].status], step).toContain(volume.status);
}

interface Turn {
  readonly step: Step;
  readonly volumeId: string;
  readonly hostId: string;
}

async function take(fixture: SimFixture, client: ConformanceClient, { step, volumeId, hostId }: Turn): Promise<void> {
  const attachment = holders(fixture, volumeId)[0]?.id ?? 'none';
  const cinder = (method: string, path: string, body?: unknown) =>
    client.call('volumev3', method, path, { version: '3.44', ...(body !== undefined && { body }) });
  const nova = (method: string, path: string, body?: unknown) =>
    client.call('compute', method, path, { version: '2.93', ...(body !== undefined && { body }) });
  const servers = fixture.sim.control.servers().filter(({ volumeIds, id }) => id !== hostId && volumeIds.includes(volumeId));
  switch (step) {
    case 'hold':
      return void (await cinder('POST', '/attachments', { attachment: { volume_uuid: volumeId } }));
    case 'connect':
      return void (await cinder('PUT', `/attachments/${attachment}`, { attachment: { connector: { host: 'h' } } }));
    case 'complete':
      return void (await cinder('POST', `/attachments/${attachment}/action`, { 'os-complete': null }));
    case 'remove':
      return void (await cinder('DELETE', `/attachments/${attachment}`));
    case 'boot':
      return void (await nova('POST', '/servers', serverOn(volumeId)));
    case 'delete server':
      return void (await nova('DELETE', `/servers/${servers[0]?.id ?? 'none'}`));
    case 'attach':
      return void (await nova('POST', `/servers/${hostId}/os-volume_attachments`, { volumeAttachment: { volumeId } }));
    case 'detach':
      return void (await nova('DELETE', `/servers/${hostId}/os-volume_attachments/${volumeId}`));
    case 'delete volume':
      return void (await cinder('DELETE', `/volumes/${volumeId}`));
    case 'wait':
      return fixture.sim.control.advance(100);
  }
}

const serverOn = (uuid: string) => ({
  server: {
    name: 's',
    flavorRef: 'm1.tiny',
    networks: 'none',
    block_device_mapping_v2: [{ uuid, source_type: 'volume', destination_type: 'volume', boot_index: 0 }],
  },
});

async function bootOther(fixture: SimFixture, client: ConformanceClient): Promise<string> {
  const { id } = fixture.sim.control.createVolume({ project: 'demo', sizeGiB: 1, bootable: true });
  const made = await client.call('compute', 'POST', '/servers', { body: serverOn(id), version: '2.93' });
  fixture.sim.control.advance(100);
  return made.body.server.id;
}
