import { describe, expect, test } from 'vitest';
import type { ConformanceClient } from './conformance/client.js';
import { brief } from './conformance/row.js';
import { startFixture } from './sim-fixture.js';

const create = (client: ConformanceClient, fields: object = {}) =>
  client.call('volumev3', 'POST', '/volumes', { body: { volume: { size: 1, ...fields } }, version: '3.59' });

describe('quotas of volumes', () => {
  const quotaRows = [
    {
      quota: { volumes: 1 },
      size: 1,
      expected: "413 overLimit: VolumeLimitExceeded: Maximum number of volumes allowed (1) exceeded for quota 'volumes'.",
    },
    {
      quota: { gigabytes: 10 },
      size: 50,
      expected:
        '413 overLimit: VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested 50G, quota is 10G and 1G has been consumed.',
    },
    {
      quota: { perVolumeGigabytes: 5 },
      size: 6,
      expected: '413 overLimit: VolumeSizeExceedsLimit: Requested volume size 6G is larger than maximum allowed limit 5G.',
    },
  ];
  test.each(quotaRows)('quota $quota', async ({ quota, size, expected }) => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    await create(client);
    fixture.sim.control.setQuota('demo', quota);
    const answer = await create(client, { size });
    expect(brief(answer)).toBe(expected);
    expect([answer.headers.get('Retry-After'), answer.body.overLimit.retryAfter]).toEqual(['0', '0']);
  });

  test('a limit of one volume type is for that type only, and is shown', async () => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    fixture.sim.control.setQuota('demo', { byVolumeType: { 'local-multi': { volumes: 1, gigabytes: 3 } } });
    const multi = { volume_type: 'local-multi' };
    const over = "quota 'volumes_local-multi'.";
    expect((await create(client, { ...multi, size: 4 })).body.overLimit.message).toContain('allowed gigabytes_local-multi quota');
    expect((await create(client, { ...multi, size: 1 })).status).toBe(202);
    expect((await create(client, { ...multi, size: 1 })).body.overLimit.message).toContain(over);
    expect((await create(client, { size: 4 })).status).toBe(202);
    const quota = await client.call('volumev3', 'GET', `/os-quota-sets/${client.projectId}?usage=true`);
    expect(quota.body.quota_set).toMatchObject({
      'gigabytes_local-multi': { limit: 3, in_use: 1, reserved: 0 },
      'volumes_local-multi': { limit: 1, in_use: 1 },
      gigabytes_local: { limit: -1, in_use: 4 },
    });
  });

  test('snapshots of one type have a limit of their own, and count as gigabytes of it', async () => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    const made = await create(client, { volume_type: 'local-multi', size: 2 });
    fixture.sim.control.advance(100);
    const snapshot = async () => {
      const body = { snapshot: { volume_id: made.body.volume.id } };
      const { status, body: answer } = await client.call('volumev3', 'POST', '/snapshots', { body });
      return status === 413 ? answer.overLimit.message : status;
    };
    fixture.sim.control.setQuota('demo', { byVolumeType: { 'local-multi': { gigabytes: 3 } } });
    expect(await snapshot()).toContain(
      'allowed gigabytes_local-multi quota. Requested 2G, quota is 3G and 2G has been consumed.',
    );
    fixture.sim.control.setQuota('demo', { byVolumeType: { 'local-multi': { snapshots: 1 } } });
    expect(await snapshot()).toBe(202);
    expect(await snapshot()).toContain(
      "SnapshotLimitExceeded: Maximum number of snapshots allowed (1) exceeded for quota 'snapshots_",
    );
    const quota = await client.call('volumev3', 'GET', `/os-quota-sets/${client.projectId}?usage=true`);
    expect(quota.body.quota_set).toMatchObject({
      'snapshots_local-multi': { limit: 1, in_use: 1 },
      'gigabytes_local-multi': { in_use: 4 },
      snapshots_local: { in_use: 0 },
    });
  });

  test('the last volume that fits is accepted', async () => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    fixture.sim.control.setQuota('demo', { volumes: 1, gigabytes: 3, perVolumeGigabytes: 3 });
    expect((await create(client, { size: 3 })).status).toBe(202);
  });

  test('quotas are readable by a member', async () => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    await create(client, { size: 3 });
    const path = `/os-quota-sets/${client.projectId}`;
    const quota = await client.call('volumev3', 'GET', `${path}?usage=true`);
    expect(quota.body.quota_set).toMatchObject({ volumes: { limit: 10, in_use: 1 }, gigabytes: { limit: 1000, in_use: 3 } });
  });
});
