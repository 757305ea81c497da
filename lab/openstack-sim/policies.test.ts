import { describe, expect, test } from 'vitest';
import { brief } from './conformance/row.js';
import { startFixture } from './sim-fixture.js';

const NOTHING = '00000000-0000-4000-8000-000000000000';

describe('a reader', () => {
  test.each(['old', 'strict'] as const)('may read with %s policies', async (policies) => {
    await using fixture = await startFixture({ policies });
    const reader = await fixture.as('reader');
    for (const [service, path] of [
      ['volumev3', '/volumes/detail'],
      ['volumev3', '/attachments'],
      ['compute', '/servers/detail'],
      ['network', '/v2.0/ports'],
    ] as const) {
      expect((await reader.call(service, 'GET', path, { version: service === 'volumev3' ? '3.44' : '' })).status).toBe(200);
    }
  });

  test('may make volumes with the old policies, as was seen', async () => {
    await using fixture = await startFixture();
    const reader = await fixture.as('reader');
    expect((await reader.call('volumev3', 'POST', '/volumes', { body: { volume: { size: 1 } } })).status).toBe(202);
  });

  test('may change nothing with the stricter ones, and is told so before anything is looked up', async () => {
    await using fixture = await startFixture({ policies: 'strict' });
    const reader = await fixture.as('reader');
    const member = await fixture.as('demo');
    const port = { body: { port: { network_id: NOTHING } } };
    expect(brief(await reader.call('volumev3', 'POST', '/volumes', { body: { volume: { size: 1 } } }))).toMatch(
      /^403 forbidden: Policy/,
    );
    expect((await reader.call('network', 'POST', '/v2.0/ports', port)).status).toBe(403);
    expect((await member.call('network', 'POST', '/v2.0/ports', port)).status).toBe(404);
    expect((await member.call('volumev3', 'POST', '/volumes', { body: { volume: { size: 1 } } })).status).toBe(202);
  });
});
