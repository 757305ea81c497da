import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ProviderError, type ProviderErrorKind } from '../../src/contracts/provider-error.js';
import type { ServerRequest, TargetProvider, TargetVolume, VolumeRequest } from '../../src/contracts/target-provider.js';
import { attachmentId, GiB, type ServerId, type VolumeId, volumeId } from '../../src/model/ids.js';

/** One provider with what the suite needs to know of its cloud. The project may hold other things; they are not touched. */
export interface TargetUnderTest {
  readonly provider: TargetProvider;
  /** Begins all names the suite gives, so that leftovers can be recognised. Unique for each run. */
  readonly prefix: string;
  /** A flavor and a network by name; the network is the project's own, so that MAC addresses can be chosen. */
  readonly flavor: string;
  readonly network: string;
  readonly volumeType?: string;
  /** Volumes are held as disks of this server. */
  readonly conversionHost?: ServerId;
  /** Takes away what a test has made: servers first. Called after each test. */
  cleanUp(made: { readonly servers: readonly ServerId[]; readonly volumes: readonly VolumeId[] }): Promise<void>;
}

/** The TargetProvider contract, for simulators and real clouds alike. `make` is called for each test. */
export function describeTargetProvider(name: string, make: () => Promise<TargetUnderTest>): void {
  describe(`${name}: TargetProvider`, () => {
    const suite = new Suite(make);
    beforeEach(() => suite.begin());
    afterEach(() => suite.end());
    describeVolumes(suite);
    describeMetadata(suite);
    describeAttachments(suite);
    describeServers(suite);
  });
}

/** What of the contract is about holding volumes, for clouds where only that differs. */
export function describeVolumeHolds(name: string, make: () => Promise<TargetUnderTest>): void {
  describe(`${name}: volumes`, () => {
    const suite = new Suite(make);
    beforeEach(() => suite.begin());
    afterEach(() => suite.end());
    describeAttachments(suite);
  });
}

class Suite {
  under!: TargetUnderTest;
  private volumes: VolumeId[] = [];
  private servers: ServerId[] = [];
  private count = 0;
  constructor(private readonly make: () => Promise<TargetUnderTest>) {}

  get provider(): TargetProvider {
    return this.under.provider;
  }

  async begin(): Promise<void> {
    this.under = await this.make();
  }

  async end(): Promise<void> {
    await this.under.cleanUp({ servers: this.servers.splice(0), volumes: this.volumes.splice(0) });
    await this.provider[Symbol.asyncDispose]();
  }

  volumeRequest(change: Partial<VolumeRequest> = {}): VolumeRequest {
    const { prefix, volumeType } = this.under;
    return {
      name: `${prefix}-volume-${++this.count}`,
      sizeGiB: 1,
      metadata: { conformance: prefix },
      ...(volumeType !== undefined && { type: volumeType }),
      ...change,
    };
  }

  async volume(change: Partial<VolumeRequest> = {}): Promise<TargetVolume> {
    const volume = await this.provider.createVolume(this.volumeRequest(change));
    this.volumes.push(volume.id);
    return volume;
  }

  async read(id: VolumeId): Promise<TargetVolume> {
    const volume = await this.provider.readVolume(id);
    if (volume === undefined) return expect.unreachable(`volume ${id} is gone`);
    return volume;
  }

  serverRequest(volumes: readonly VolumeId[], change: Partial<ServerRequest> = {}): ServerRequest {
    const { prefix, flavor, network } = this.under;
    return {
      name: `${prefix}-server`,
      flavor,
      ports: [{ network }],
      volumes,
      metadata: { 'conformance.id': `${prefix}-${this.count}`, other: 'x' },
      identityKey: 'conformance.id',
      ...change,
    };
  }

  async server(request: ServerRequest) {
    const server = await this.provider.createServer(request);
    if (!this.servers.includes(server.id)) this.servers.push(server.id);
    return server;
  }

  async bootable(): Promise<VolumeId> {
    const { id } = await this.volume();
    await this.provider.setBootable(id, true);
    return id;
  }
}

const NO_VOLUME = volumeId('00000000-0000-4000-8000-000000000000');
const NO_ATTACHMENT = attachmentId('00000000-0000-4000-8000-000000000001');

async function refusal(promise: Promise<unknown>, ...kinds: readonly ProviderErrorKind[]): Promise<ProviderError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProviderError)) return expect.unreachable(`no ProviderError, but ${String(error)}`);
  expect(kinds, error.message).toContain(error.kind);
  return error;
}

function describeVolumes(suite: Suite): void {
  test('names the project it works in, always the same', async () => {
    const identity = await suite.provider.identify();
    expect(identity.id).not.toBe('');
    expect(identity.endpoint).not.toBe('');
    expect(await suite.provider.identify()).toEqual(identity);
  });

  test('a new volume is available, and found again by id and in the inventory', async () => {
    const request = suite.volumeRequest({ metadata: { conformance: suite.under.prefix, record: 'x'.repeat(255) } });
    const made = await suite.volume(request);
    expect(made).toMatchObject({
      name: request.name,
      status: 'available',
      size: GiB,
      bootable: false,
      metadata: request.metadata,
    });
    expect(made.attachments).toEqual([]);
    expect(await suite.provider.readVolume(made.id)).toEqual(made);
    expect((await suite.provider.observe()).volumes.find(({ id }) => id === made.id)).toEqual(made);
  });

  test('asked twice for the same makes two', async () => {
    const request = suite.volumeRequest();
    const [first, second] = await Promise.all([suite.volume(request), suite.volume(request)]);
    expect(first.id).not.toBe(second.id);
  });

  test('a name of any letters can be given', async () => {
    const { id, name } = await suite.volume({ name: `${suite.under.prefix} Büro 服务器 🚀` });
    expect(name).toContain(suite.under.prefix);
    expect((await suite.read(id)).name).toBe(name);
  });

  test('a volume that is not there is undefined', async () => {
    expect(await suite.provider.readVolume(NO_VOLUME)).toBeUndefined();
  });

  test('the catalog has the names that manifests use', async () => {
    const { catalog } = await suite.provider.observe();
    expect(catalog.flavors).toContain(suite.under.flavor);
    expect(catalog.networks).toContain(suite.under.network);
    if (suite.under.volumeType !== undefined) expect(catalog.volumeTypes).toContain(suite.under.volumeType);
  });
}

function describeMetadata(suite: Suite): void {
  test('metadata is merged: other keys stay', async () => {
    const { id } = await suite.volume({ metadata: { theirs: 'keep', ours: 'old' } });
    await suite.provider.mergeVolumeMetadata(id, { ours: 'new', changeID: '52 de c0/81' });
    await suite.provider.mergeVolumeMetadata(id, { changeID: '' });
    expect((await suite.read(id)).metadata).toEqual({ theirs: 'keep', ours: 'new', changeID: '' });
  });

  test('metadata of a volume that is not there', async () => {
    await refusal(suite.provider.mergeVolumeMetadata(NO_VOLUME, { a: 'b' }), 'not-found');
  });

  test('image metadata is set and unset, again and again', async () => {
    const { id } = await suite.volume();
    const change = { set: { hw_machine_type: 'q35', hw_firmware_type: 'uefi' }, unset: ['os_type'] };
    await suite.provider.writeImageMetadata(id, change);
    await suite.provider.writeImageMetadata(id, change);
    expect((await suite.read(id)).imageMetadata).toEqual(change.set);
    await suite.provider.writeImageMetadata(id, { set: { os_type: 'linux' }, unset: ['hw_firmware_type', 'never_there'] });
    expect((await suite.read(id)).imageMetadata).toEqual({ hw_machine_type: 'q35', os_type: 'linux' });
  });

  test('bootable, as often as wanted', async () => {
    const { id } = await suite.volume();
    await suite.provider.setBootable(id, true);
    await suite.provider.setBootable(id, true);
    expect((await suite.read(id)).bootable).toBe(true);
  });
}

function describeAttachments(suite: Suite): void {
  test('a reservation shows, and keeps others away until it is released', async () => {
    const { id } = await suite.volume();
    const attachment = await suite.provider.reserve(id);
    const server = suite.under.conversionHost;
    const attachments = [{ id: attachment, ...(server !== undefined && { server }) }];
    const reserved = await suite.read(id);
    expect(reserved.attachments).toEqual(attachments);
    // Nova goes on with it by itself.
    expect(server === undefined ? ['reserved'] : ['reserved', 'attaching', 'in-use']).toContain(reserved.status);
    expect((await suite.provider.observe()).volumes.find((volume) => volume.id === id)?.attachments).toEqual(attachments);
    const { detail } = (await refusal(suite.provider.reserve(id), 'held')).details;
    expect(detail).toContain(server === undefined ? attachment : id);
    await suite.provider.release(attachment);
    await suite.provider.release(attachment);
    expect(await suite.read(id)).toMatchObject({ status: 'available', attachments: [] });
    await suite.provider.release(await suite.provider.reserve(id));
  });

  test('a connected volume is in use, can be written from here, and still takes metadata', async () => {
    const { id } = await suite.volume();
    const attachment = await suite.provider.reserve(id);
    const held = await suite.provider.connect(id, attachment);
    expect(held).toMatchObject({ attachment, volume: id });
    expect(['file', 'host_device', 'nbd', 'rbd']).toContain(held.block.driver);
    expect(await suite.provider.connect(id, attachment)).toEqual(held);
    expect(await suite.read(id)).toMatchObject({ status: 'in-use', attachments: [{ id: attachment }] });
    await suite.provider.mergeVolumeMetadata(id, { while: 'connected' });
    await refusal(suite.provider.reserve(id), 'held');
    await suite.provider.release(attachment);
    expect((await suite.read(id)).status).toBe('available');
  });

  test('what is not there is released, but not reserved', async () => {
    await suite.provider.release(NO_ATTACHMENT);
    await refusal(suite.provider.reserve(NO_VOLUME), 'not-found');
  });
}

function describeServers(suite: Suite): void {
  test('a server runs from its volumes, and asking again gives the same', async () => {
    const volumes = [await suite.bootable(), (await suite.volume()).id];
    const request = suite.serverRequest(volumes);
    // How its ports are is told when it is made; on a real cloud that changes from moment to moment.
    const { ports: _, ...server } = await suite.server(request);
    expect(server).toMatchObject({ status: 'ACTIVE', name: request.name, metadata: request.metadata });
    const { ports: __, ...again } = await suite.server(request);
    expect(again).toEqual(server);
    const inventory = await suite.provider.observe();
    expect(inventory.servers.filter(({ id }) => id === server.id)).toEqual([server]);
    for (const id of volumes) expect((await suite.read(id)).attachments).toMatchObject([{ server: server.id }]);
    expect((await refusal(suite.provider.reserve(volumes[0]!), 'held')).details.detail).toContain(server.id);
  });

  test('a volume that is held cannot be booted; once released it can', async () => {
    const volume = await suite.bootable();
    const request = suite.serverRequest([volume], { ports: [{ network: suite.under.network, mac: '00:50:56:3a:7b:01' }] });
    const attachment = await suite.provider.reserve(volume);
    await refusal(suite.provider.createServer(request), 'conflict', 'held');
    await suite.provider.release(attachment);
    expect((await suite.server(request)).status).toBe('ACTIVE');
  });

  test('HW7 a machine type that runs is told from one that does not, and nothing is left of the trial', async () => {
    const { prefix, flavor, volumeType } = suite.under;
    const probe = { flavor, timeoutMs: 300_000, ...(volumeType !== undefined && { volumeType }) };
    const answers = [];
    for (const machineType of ['pc', 'no-such-machine']) {
      answers.push((await suite.provider.probeMachineType({ ...probe, machineType, id: `${prefix}-${machineType}` })).runs);
    }
    expect(answers).toEqual([true, false]);
    const { volumes, servers } = await suite.provider.observe();
    expect([...volumes, ...servers].filter(({ name }) => name.startsWith('migplan-probe-'))).toEqual([]);
  });

  test('what the login may do is found out without leaving a trace', async () => {
    const before = await suite.provider.observe();
    const refused = (await suite.provider.checkRights()).filter(
      ({ verdict, isOptional }) => verdict !== 'allowed' && !isOptional,
    );
    expect(refused).toEqual([]);
    const { volumes, servers } = await suite.provider.observe();
    expect({ volumes, servers }).toEqual({ volumes: before.volumes, servers: before.servers });
  });

  test('names that the cloud does not have are said', async () => {
    const volume = await suite.bootable();
    const flavor = await refusal(
      suite.provider.createServer(suite.serverRequest([volume], { flavor: 'no-such-flavor' })),
      'not-found',
    );
    expect(flavor.details.detail).toContain("'no-such-flavor'");
    const ports = [{ network: 'no-such-network' }];
    const network = await refusal(suite.provider.createServer(suite.serverRequest([volume], { ports })), 'not-found');
    expect(network.details.detail).toContain("'no-such-network'");
  });
}
