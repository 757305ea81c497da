import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConformanceClient } from './conformance/client.js';
import { conformanceRows } from './conformance.js';
import { type SimFixture, startFixture } from './sim-fixture.js';

// Goal: the simulator answers as the real cloud did when the rows were written down.
// Method: the same rows a real cloud runs, through HTTP, as a plain member.
describe('conformance', () => {
  let fixture: SimFixture;
  let client: ConformanceClient;
  beforeAll(async () => {
    fixture = await startFixture();
    client = await fixture.as('demo');
  });
  afterAll(async () => {
    await fixture[Symbol.asyncDispose]();
  });

  // Rows are made twice: once for their names, once with the client that exists only when the tests run.
  const names = conformanceRows(undefined as unknown as ConformanceClient).map(({ area, name }) => `${area}: ${name}`);
  test.each(names.map((name, index) => ({ name, index })))('$name', async ({ index }) => {
    const row = conformanceRows(client)[index];
    expect(await row?.run()).toBe(row?.expected);
    expect(fixture.sim.control.volumes()).toEqual([]);
    expect(fixture.sim.control.servers()).toEqual([]);
  });

  test('no call found a bug in the simulator', () => {
    expect(fixture.sim.control.calls().filter(({ bug }) => bug !== undefined)).toEqual([]);
  });
});
