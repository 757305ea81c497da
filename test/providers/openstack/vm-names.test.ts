import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createServer } from '../../../src/apply/actions/create-server.js';
import { createVolume } from '../../../src/apply/actions/create-volume.js';
import { setImageMetadata } from '../../../src/apply/actions/set-image-metadata.js';
import type { ApplyContext } from '../../../src/apply/handler.js';
import type { TargetProvider } from '../../../src/contracts/target-provider.js';
import { runId } from '../../../src/model/ids.js';
import { plainName } from '../../../src/model/plain-text.js';
import { planMigration } from '../../../src/plan/plan-migration.js';
import { openOpenStack } from '../../../src/providers/openstack/index.js';
import * as s from '../../plan/plan-fixture.js';
import { MovingClock } from './moving-clock.js';
import { type ReceivedRequest, ScriptedCloud } from './scripted-cloud.js';

// Goal: whatever a VM is called, no request carries a character or a length that some cloud answers with HTTP 500 or 400,
// and two VMs stay two. Method: plan and apply through the provider, and look at every byte that went out.

/** Names as people give them, and worse: emoji, other scripts, control characters, too long, empty. */
const anyName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme-composite', maxLength: 300 }),
  fc.constantFrom('🚀', 'Büro', '服务器', 'a'.repeat(300), ' ', '', '\u0000', '\ud83d', "it's {x} %2F/../"),
);
const RUNS = 150;

let cloud: ScriptedCloud;
let target: TargetProvider;

beforeAll(async () => {
  const volumes = new Map<string, object>();
  const view = (id: string, { name, metadata }: { name: string; metadata: object }) => ({
    ...{ id, name, metadata, size: 40, status: 'available', bootable: 'true', encrypted: false, attachments: [] },
    volume_image_metadata: {},
  });
  let made = 0;
  cloud = await ScriptedCloud.start({
    'POST /volume/volumes': ({ text }) => {
      const id = `v${++made}`;
      const volume = view(id, JSON.parse(text).volume);
      volumes.set(id, volume);
      cloud.on(`GET /volume/volumes/${id}`, () => ({ json: { volume: volumes.get(id) } }));
      cloud.on(`POST /volume/volumes/${id}/action`, ({ text: body }) => {
        const { metadata = {} } = JSON.parse(body)['os-set_image_metadata'] ?? {};
        const before = volumes.get(id) as ReturnType<typeof view>;
        volumes.set(id, { ...before, volume_image_metadata: { ...before.volume_image_metadata, ...metadata } });
        return { json: {} };
      });
      return { status: 202, json: { volume } };
    },
    'GET /volume/attachments': { json: { attachments: [] } },
    'GET /compute/servers/detail': { json: { servers: [] } },
    'GET /compute/flavors': { json: { flavors: [{ id: '2', name: 'm1.large' }] } },
    'GET /network/networks': { json: { networks: [{ id: 'n1', name: 'prod' }] } },
    'GET /network/ports': { json: { ports: [] } },
    'POST /network/ports': { status: 201, json: { port: { id: 'p1' } } },
    'POST /compute/servers': { status: 202, json: { server: { id: 's1' } } },
    'GET /compute/servers/s1': { json: { server: { id: 's1', name: 'x', status: 'ACTIVE', metadata: {} } } },
  });
  const config = { name: 'prod', cloud: cloud.config(), access: { type: 'cinder' }, hostName: 'h' } as const;
  target = await openOpenStack(config, { clock: new MovingClock() });
});
afterAll(async () => {
  await target[Symbol.asyncDispose]();
  await cloud[Symbol.asyncDispose]();
});

/** Everything that goes out when the VM is created, marked and booted in the cloud. */
async function sent(vmName: string, serverName: string): Promise<readonly ReceivedRequest[]> {
  const vm = s.vm({ name: vmName, power: 'off' });
  const desired = s.desired({
    ...s.cold,
    target: { provider: 'cloud', server: { ...s.withServer.target.server, name: serverName } },
  });
  const { actions } = planMigration(desired, s.observed({ source: { kind: 'found', vm }, volumes: { '2000': [] } }), {
    now: s.NOW,
  });
  const context = {
    target,
    desired,
    vm,
    run: runId('runrunrunrun'),
    lineage: '0d9ac0a8-6c7f-4a53-9d5e-0b1d2f7f3c11',
    source: { powerState: async () => 'off' },
    volumes: new Map(),
    records: new Map(),
    emit: () => {},
    warnings: [],
    made: {},
  } as unknown as ApplyContext;
  const before = cloud.requests.length;
  for (const action of actions) {
    if (action.kind === 'create-volume') await createVolume(action, context);
    if (action.kind === 'set-image-metadata') await setImageMetadata(action, context);
    if (action.kind === 'create-server') await createServer(action, context);
  }
  return cloud.requests.slice(before);
}

const textsIn = (value: unknown): string[] =>
  typeof value === 'string' ? [value] : typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];

describe('names of VMs on their way to the cloud', () => {
  test('every text of every request is printable ASCII of at most 255 characters', async () => {
    await fc.assert(
      fc.asyncProperty(anyName, anyName, async (vmName, serverName) => {
        const requests = await sent(vmName, serverName);
        const posts = requests.filter(({ method }) => method === 'POST');
        expect(posts.map(({ path }) => path.replace(/v\d+/, 'ID'))).toEqual([
          '/volume/volumes',
          '/volume/volumes/ID/action',
          '/volume/volumes/ID/action',
          '/network/ports',
          '/compute/servers',
        ]);
        for (const { path, text, query } of requests) {
          expect(`${path}${query.toString()}${text}`).toMatch(/^[\x20-\x7e]*$/);
          if (text !== '') for (const value of textsIn(JSON.parse(text))) expect(value).toMatch(/^[\x20-\x7e]{0,255}$/);
        }
      }),
      { numRuns: RUNS },
    );
  });

  test('what a volume and a server say of whose they are does not depend on any name', async () => {
    const marks = async (vmName: string, serverName: string) =>
      (await sent(vmName, serverName))
        .filter(({ text }) => text !== '')
        .map(({ text }) => JSON.parse(text))
        .flatMap(({ volume, server, port }) => [volume?.metadata, server?.metadata, port?.description])
        .filter((mark) => mark !== undefined);
    const plain = await marks('erp-db01', 'erp-db01');
    expect(plain).toHaveLength(3);
    await fc.assert(
      fc.asyncProperty(anyName, anyName, async (vmName, serverName) => {
        expect(await marks(vmName, serverName)).toEqual(plain);
      }),
      { numRuns: 30 },
    );
  });

  test('two names that differ stay different', () => {
    fc.assert(
      fc.property(anyName, anyName, (a, b) => {
        expect(plainName(a) === plainName(b)).toBe(a === b);
      }),
      { numRuns: 2000 },
    );
  });
});
