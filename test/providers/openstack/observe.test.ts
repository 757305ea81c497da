import { afterEach, describe, expect, test } from 'vitest';
import { Secret } from '../../../src/host/secret.js';
import { GiB, volumeId } from '../../../src/model/ids.js';
import { openOpenStack } from '../../../src/providers/openstack/index.js';
import { eventually } from '../../eventually.js';
import { MovingClock } from './moving-clock.js';
import { refusalOf } from './refusal-of.js';
import { type Script, ScriptedCloud } from './scripted-cloud.js';
import { PASSWORD, SimCloud } from './sim-cloud.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(...config: Parameters<typeof SimCloud.start>): Promise<SimCloud> {
  const cloud = await SimCloud.start(...config);
  closing.push(() => cloud[Symbol.asyncDispose]());
  return cloud;
}

function plant({ sim }: SimCloud, count: number): void {
  for (let index = 0; index < count; index++) {
    sim.control.createVolume({
      project: index % 5 === 4 ? 'other' : 'demo',
      name: `v${index}`,
      sizeGiB: 1,
      metadata: { index: String(index) },
    });
  }
}

describe('observe', () => {
  test('a volume with all that is known of it', async () => {
    const cloud = await start();
    const provider = await cloud.open();
    const { id } = cloud.sim.control.createVolume({
      project: 'demo',
      name: 'root',
      sizeGiB: 3,
      bootable: true,
      metadata: { osm: 'true' },
      imageMetadata: { hw_machine_type: 'q35' },
    });
    const attachment = await provider.reserve(volumeId(id));
    const { volumes, servers, catalog } = await provider.observe();
    const expected = { id, name: 'root', status: 'reserved', size: 3 * GiB, type: 'local', encrypted: false, bootable: true };
    const properties = { metadata: { osm: 'true' }, imageMetadata: { hw_machine_type: 'q35' }, availabilityZone: 'nova' };
    expect(volumes).toEqual([{ ...expected, ...properties, attachments: [{ id: attachment }] }]);
    expect(servers).toEqual([]);
    expect(catalog.flavors).toEqual(['m1.small', '2']);
    expect(catalog.networks).toEqual(expect.arrayContaining(['lan', 'public']));
    expect(catalog.volumeTypes).toEqual(expect.arrayContaining(['local', 'shared', 'luks']));
    expect(catalog.availabilityZones).toEqual(['az2', 'nova']);
    const computeLeft = { instancesLeft: 10, coresLeft: 20, ramMiBLeft: 51_200, serverMetadataMax: 128 };
    expect(catalog.quota).toEqual({ volumesLeft: 99, gigabytesLeft: 997, snapshotsLeft: 10, portsLeft: 100, ...computeLeft });
  });

  test.each(['created_at:desc', 'created_at:asc', 'name:asc', 'name:desc'])(
    'short pages in order %s give every volume once',
    async (volumeOrder) => {
      const cloud = await start({ pageSize: 7, volumeOrder });
      plant(cloud, 50);
      const { volumes } = await (await cloud.open()).observe();
      expect(volumes.map(({ name }) => name).toSorted()).toEqual(
        Array.from({ length: 50 }, (_, index) => `v${index}`)
          .filter((_, index) => index % 5 !== 4)
          .toSorted(),
      );
    },
  );

  test('the number of calls does not grow with the number of volumes', async () => {
    const cloud = await start();
    const provider = await cloud.open();
    const count = async (): Promise<number> => {
      cloud.sim.control.clearCalls();
      await provider.observe();
      return cloud.sim.control.calls().length;
    };
    await count();
    const few = await count();
    plant(cloud, 100);
    expect(await count()).toBe(few);
    expect(few).toBeLessThan(20);
  });

  test('zones of volumes and of servers are two lists, and groups of one name are told apart', async () => {
    const cloud = await start({
      volumeZones: ['cinder-1'],
      availabilityZones: ['nova-1', 'nova-2'],
      securityGroups: [
        { name: 'web', project: 'demo' },
        { name: 'web', project: 'demo' },
        { name: 'web', project: 'other' },
      ],
    });
    const provider = await cloud.open();
    const { catalog } = await provider.observe();
    expect(catalog).toMatchObject({ availabilityZones: ['cinder-1'], serverZones: ['nova-1', 'nova-2'] });
    const groups = catalog.securityGroupDetails!.filter(({ name }) => name === 'web');
    expect(new Set(groups.map(({ id }) => id)).size).toBe(2);
    const request = { name: 'v', sizeGiB: 1, metadata: {} };
    await expect(provider.createVolume({ ...request, availabilityZone: 'nova-1' })).rejects.toThrow('nova-1');
    expect((await provider.createVolume({ ...request, availabilityZone: 'cinder-1' })).status).toBe('available');
  });

  test('parts of the catalog that the role may not read stay empty', async () => {
    const cloud = await start();
    const volume = ['/types', '/os-availability-zone', '/os-quota-sets/'];
    const others = ['/flavors', '/limits', '/os-keypairs', '/networks', '/ports', '/security-groups', '/quotas/'];
    for (const path of [...volume, ...others]) cloud.sim.control.addFault({ path, do: { status: 403 } });
    const { catalog } = await (await cloud.open()).observe();
    expect(catalog).toEqual({
      flavors: [],
      networks: [],
      volumeTypes: [],
      availabilityZones: [],
      quota: {},
      servers: { tags: true, portsWithoutAddress: false },
    });
  });

  test('a provider that is closed while it is read fails one call, and no promise is left without anybody waiting', async () => {
    const cloud = await start();
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    try {
      for (let closedAfter = 0; closedAfter < 12; closedAfter++) {
        const provider = await cloud.open();
        cloud.sim.control.clearCalls();
        const reading = provider.observe().catch((error: unknown) => error);
        await eventually(() => expect(cloud.sim.control.calls().length).toBeGreaterThanOrEqual(closedAfter), 1);
        await provider[Symbol.asyncDispose]();
        await reading;
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });

  test('what is behind the names: sizes, subnets, traits of volume types, addresses taken', async () => {
    const flavors = [{ name: 'm1.large', id: '4', vcpus: 4, ramMiB: 8192 }];
    const projects = [{ name: 'demo', quota: { byVolumeType: { luks: { gigabytes: 30 } } } }, { name: 'other' }];
    const cloud = await start({ flavors, projects });
    cloud.sim.control.createVolume({ project: 'demo', name: 'secret', sizeGiB: 10, volumeType: 'luks' });
    const provider = await cloud.open();
    const { catalog } = await provider.observe();
    expect(catalog.flavorSizes).toEqual([{ id: '4', name: 'm1.large', cpus: 4, memoryMiB: 8192 }]);
    expect(catalog.networkDetails).toMatchObject([
      { name: 'lan', mayChooseAddresses: true, subnets: ['192.168.88.0/24'] },
      { name: 'public', mayChooseAddresses: false, subnets: ['192.168.77.0/24'] },
    ]);
    // A member may not ask whether a type is encrypted; the volume of it tells.
    expect(catalog.volumeTypeTraits).toMatchObject([
      { name: 'local', isDefault: true, encrypted: false, multiattach: false },
      { name: 'luks', isDefault: false, encrypted: true, multiattach: false },
      { name: 'shared', isDefault: false, encrypted: false, multiattach: true },
    ]);
    expect(catalog.quota.gigabytesLeftByType).toEqual({ luks: 20 });
    expect(catalog.quota.volumesLeftByType).toBeUndefined();
    expect(catalog.securityGroups).toEqual(expect.arrayContaining(['default', 'web']));
    expect(catalog.keyPairs).toEqual(['key']);
    expect(catalog.ports).toEqual([]);
  });

  test('a port that an earlier try of ours left says whose it is', async () => {
    const cloud = await start();
    const provider = await cloud.open();
    const request = {
      name: 'erp-db01',
      flavor: 'm1.small',
      ports: [{ network: 'lan', mac: '00:50:56:AA:BB:01', fixedIps: ['192.168.88.20'] }],
      volumes: [volumeId('00000000-0000-4000-8000-000000000000')],
      metadata: { 'id.of.vm': '501b2f6e' },
      identityKey: 'id.of.vm',
    };
    await refusalOf(provider.createServer(request));
    const { catalog } = await provider.observe();
    expect(catalog.ports).toMatchObject([
      {
        mac: '00:50:56:aa:bb:01',
        addresses: ['192.168.88.20'],
        description: expect.stringMatching(/^migplan id\.of\.vm=501b2f6e nic=0 asked=[0-9a-f]{12}$/),
      },
    ]);
    expect(catalog.quota.portsLeft).toBe(99);
  });

  test('an administrator is told which types are encrypted, and may choose addresses anywhere', async () => {
    const users = [{ name: 'demo', password: PASSWORD, roles: { demo: ['admin'] as const } }];
    const cloud = await start({ users, applicationCredentials: [] });
    const { catalog } = await (await cloud.open()).observe();
    expect(catalog.volumeTypeTraits?.map(({ name, encrypted }) => [name, encrypted])).toEqual([
      ['local', false],
      ['luks', true],
      ['shared', false],
    ]);
    expect(catalog.networkDetails?.every(({ mayChooseAddresses }) => mayChooseAddresses)).toBe(true);
  });

  test('the Project may say that addresses can be chosen on shared networks too', async () => {
    const cloud = await start();
    const { catalog } = await (await cloud.open({ addressesAnywhere: true })).observe();
    expect(catalog.networkDetails?.every(({ mayChooseAddresses }) => mayChooseAddresses)).toBe(true);
  });

  test('subnets that may not be read are not taken for none', async () => {
    const cloud = await start();
    cloud.sim.control.addFault({ path: '/subnets', do: { status: 403 } });
    const { catalog } = await (await cloud.open()).observe();
    expect(catalog.networkDetails?.map(({ name, subnets }) => [name, subnets])).toEqual([
      ['lan', undefined],
      ['public', undefined],
    ]);
  });

  test.each(['/volumes/detail', '/attachments', '/servers/detail'])('%s may not be missing', async (path) => {
    const cloud = await start();
    cloud.sim.control.addFault({ path, do: { status: 403, message: 'no' } });
    expect((await refusalOf((await cloud.open()).observe())).said).toBe('denied MP4002 HTTP 403: no');
  });

  test('lost answers and a token that expires in the middle do not show', async () => {
    const cloud = await start({ pageSize: 5 });
    plant(cloud, 40);
    const provider = await cloud.open();
    const before = await provider.observe();
    cloud.sim.control.addFault({ service: 'volume', path: '/volumes/detail', times: 2, do: { drop: true } });
    cloud.sim.control.addFault({ service: 'compute', times: 2, do: { html503: true, retryAfterSeconds: 3 } });
    cloud.sim.control.addFault({ service: 'network', times: 1, do: { truncateBytes: 9 } });
    cloud.sim.control.expireTokens();
    expect(await provider.observe()).toEqual(before);
  });
});

describe('pages of clouds that behave oddly', () => {
  async function volumesFrom(pages: readonly (readonly string[])[], ignoresMarker = false): Promise<string[]> {
    const cloud = await ScriptedCloud.start();
    closing.push(() => cloud[Symbol.asyncDispose]());
    const view = (id: string) => ({
      id,
      name: id,
      size: 1,
      status: 'available',
      bootable: 'false',
      encrypted: false,
      metadata: {},
      attachments: [],
    });
    cloud.on('GET /volume/volumes/detail', ({ query }) => {
      const marker = query.get('marker');
      const index = marker === null || ignoresMarker ? 0 : pages.findIndex((page) => page.at(-1) === marker) + 1;
      const links = index + 1 < pages.length ? [{ rel: 'next', href: 'http://internal.example.com/never-followed' }] : [];
      return { json: { volumes: (pages[index] ?? []).map(view), volumes_links: links } };
    });
    cloud.on('GET /volume/attachments', { json: { attachments: [] } });
    cloud.on('GET /compute/servers/detail', { json: { servers: [] } });
    const config = { name: 'prod', cloud: cloud.config(), access: { type: 'cinder' }, hostName: 'h' } as const;
    const provider = await openOpenStack(config, { clock: new MovingClock() });
    closing.push(async () => provider[Symbol.asyncDispose]());
    return (await provider.observe()).volumes.map(({ id }) => id);
  }

  test('a volume that comes twice counts once', async () => {
    expect(
      await volumesFrom([
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'd'],
      ]),
    ).toEqual(['a', 'b', 'c', 'd']);
  });

  test('a cloud that ignores the marker does not loop', async () => {
    expect(await volumesFrom([['a', 'b'], ['c']], true)).toEqual(['a', 'b']);
  });

  test('no volumes', async () => {
    expect(await volumesFrom([[]])).toEqual([]);
  });
});

describe('attachments of clouds that behave oddly', () => {
  const listed = [
    { id: 'a1', volume_id: 'v1', status: 'reserved', instance: null },
    { id: 'a2', volume_id: 'v2', status: 'attached', instance: 's1' },
    { id: 'a3', volume_id: 'v1', status: 'attached', instance: 's2' },
  ];
  const volume = { id: 'v1', name: null, size: 1, status: 'in-use', bootable: 'true', encrypted: false, volume_type: null };
  const expected = [{ id: 'a1' }, { id: 'a3', server: 's2' }];

  async function startScripted(attachments: Script) {
    const cloud = await ScriptedCloud.start({
      'GET /volume/attachments': attachments,
      'GET /volume/volumes/v1': { json: { volume } },
      'GET /volume/volumes/detail': { json: { volumes: [volume] } },
      'GET /compute/servers/detail': { json: { servers: [] } },
    });
    closing.push(() => cloud[Symbol.asyncDispose]());
    const config = { name: 'prod', cloud: cloud.config(), access: { type: 'cinder' }, hostName: 'h' } as const;
    const provider = await openOpenStack(config, { clock: new MovingClock() });
    closing.push(async () => provider[Symbol.asyncDispose]());
    return provider;
  }

  test('the filter is ignored', async () => {
    const provider = await startScripted(() => ({ json: { attachments: listed } }));
    expect(await provider.readVolume(volumeId('v1'))).toMatchObject({
      name: '',
      type: '',
      bootable: true,
      attachments: expected,
    });
  });

  test('the filter is refused', async () => {
    const refused = { status: 400, json: { badRequest: { message: 'Invalid filters volume_id are found in query options.' } } };
    const provider = await startScripted(({ query }) => (query.has('volume_id') ? refused : { json: { attachments: listed } }));
    expect((await provider.readVolume(volumeId('v1')))?.attachments).toEqual(expected);
  });

  test('pages are short, and no link says that there are more', async () => {
    const provider = await startScripted(({ query }) => {
      const start = listed.findIndex(({ id }) => id === query.get('marker')) + 1;
      return { json: { attachments: listed.slice(start, start + 1) } };
    });
    expect((await provider.observe()).volumes[0]?.attachments).toEqual(expected);
  });
});

describe('logging in', () => {
  test('with an application credential, over TLS with its authority', async () => {
    const cloud = await start({}, { tls: true });
    const credential = { name: 'ci', user: { name: 'demo', domain: { id: 'default' } } };
    const credentials = { kind: 'application-credential', credential, secret: new Secret('sim-s3cret') } as const;
    const provider = await cloud.open({ cloud: cloud.cloudConfig({ credentials }) });
    const [project] = (await provider.observe()).volumes;
    expect(project).toBeUndefined();
    expect(await provider.identify()).toMatchObject({ kind: 'openstack', endpoint: cloud.sim.authUrl, region: 'RegionOne' });
  });

  test('a certificate that is not trusted is not retried, and says what to write', async () => {
    const cloud = await start({}, { tls: true });
    const { said, error } = await refusalOf(cloud.open({ cloud: cloud.cloudConfig({ tls: { verify: true } }) }));
    expect(said).toMatch(/^untrusted MP4003 its certificate is not trusted: /);
    expect(error.details.nextSteps?.[0]).toContain('cacert');
    expect(cloud.clock.sleeps).toEqual([]);
    await cloud.open({ cloud: cloud.cloudConfig({ tls: { verify: false } }) });
  });

  test('a cacert that cannot be read', async () => {
    const cloud = await start();
    await expect(cloud.open({ cloud: cloud.cloudConfig({ tls: { verify: true, caFile: '/none.pem' } }) })).rejects.toMatchObject({
      diagnostics: [{ code: 'MP4005' }],
    });
  });

  test('with a wrong password: once, and the password is nowhere', async () => {
    const cloud = await start();
    const config = cloud.cloudConfig();
    if (config.credentials.kind !== 'password') return expect.unreachable();
    const credentials = { ...config.credentials, password: new Secret('wr0ng-pass') };
    const { said, error } = await refusalOf(cloud.open({ cloud: { ...config, credentials } }));
    expect(said).toBe('unauthenticated MP4001 HTTP 401: The request you have made requires authentication.');
    expect(error.details.nextSteps?.[0]).toContain('/etc/openstack/clouds.yaml');
    expect(`${JSON.stringify(error)}${error.stack}`).not.toMatch(/wr0ng-pass/);
    expect(cloud.count('POST', /auth\/tokens/)).toBe(1);
    expect(JSON.stringify(config)).not.toContain(PASSWORD);
  });
});
