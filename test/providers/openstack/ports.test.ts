import { afterEach, describe, expect, test } from 'vitest';
import type { PortRequest, ServerRequest, TargetProvider } from '../../../src/contracts/target-provider.js';
import { type VolumeId, volumeId } from '../../../src/model/ids.js';
import { SimCloud } from './sim-cloud.js';

// Goal: the ports of a server are what is asked for, whatever the network's defaults are and whatever an earlier try left.
const open: SimCloud[] = [];
afterEach(async () => {
  for (const cloud of open.splice(0)) await cloud[Symbol.asyncDispose]();
});

interface Place {
  readonly cloud: SimCloud;
  readonly provider: TargetProvider;
  readonly volume: VolumeId;
}

async function start(): Promise<Place> {
  const cloud = await SimCloud.start({
    networks: [
      { name: 'lan', project: 'demo', subnets: [{ cidr: '192.168.88.0/24' }] },
      { name: 'open-lan', project: 'demo', portSecurity: false, subnets: [{ cidr: '192.168.99.0/24' }] },
    ],
  });
  open.push(cloud);
  return { cloud, provider: await cloud.open(), volume: plant(cloud) };
}

const plant = ({ sim }: SimCloud): VolumeId =>
  volumeId(sim.control.createVolume({ project: 'demo', name: 'root', sizeGiB: 1, bootable: true }).id);

const request = (volume: VolumeId, ports: readonly PortRequest[], change: Partial<ServerRequest> = {}): ServerRequest => ({
  name: 'erp-db01',
  flavor: 'm1.small',
  ports,
  volumes: [volume],
  metadata: { 'migplan.vm': '5012-aa' },
  identityKey: 'migplan.vm',
  ...change,
});

const made = ({ cloud }: Place) => cloud.sim.control.ports();

/** A try whose ports are made, and whose server is not. */
async function fails({ cloud, provider }: Place, wanted: ServerRequest): Promise<void> {
  cloud.sim.control.addFault({ service: 'compute', method: 'POST', path: '/servers$', times: 1, do: { status: 400 } });
  await expect(provider.createServer(wanted)).rejects.toThrow();
  cloud.sim.control.clearFaults();
}

describe('what Neutron is told of a port', () => {
  test.each([
    ['on is sent', { portSecurity: true }, true],
    ['off is sent', { portSecurity: false }, false],
    ['without a word it is as the network has it', {}, false],
  ])('port security, on a network that has it off: %s', async (_name, port, isOn) => {
    const place = await start();
    await place.provider.createServer(request(place.volume, [{ network: 'open-lan', ...port }]));
    expect(made(place)).toMatchObject([{ portSecurity: isOn }]);
  });

  test('no security groups are none, and not the default of the project', async () => {
    const place = await start();
    await place.provider.createServer(request(place.volume, [{ network: 'lan', securityGroups: [] }, { network: 'lan' }]));
    expect(made(place).map(({ securityGroups }) => securityGroups.length)).toEqual([0, 1]);
  });
});

const MAC = '00:50:56:aa:bb:01';
const OTHER = '00:50:56:aa:bb:02';
const full: PortRequest = {
  network: 'lan',
  mac: MAC,
  fixedIps: ['192.168.88.20', '192.168.88.21'],
  securityGroups: ['web'],
  allowedAddressPairs: [{ ip: '192.168.88.250' }],
};
const { mac: _mac, ...withoutMac } = full;
const { fixedIps: _ips, ...withoutAddresses } = full;
const { securityGroups: _groups, ...withoutGroups } = full;
const { allowedAddressPairs: _pairs, ...withoutPairs } = full;

describe('ports that an earlier try left', () => {
  test.each<[string, PortRequest]>([
    ['with all there is', full],
    ['with nothing but a network', { network: 'lan' }],
    ['on a network without port security', { network: 'open-lan' }],
  ])('what is asked for as before is used again: %s', async (_name, port) => {
    const place = await start();
    await fails(place, request(place.volume, [port]));
    const [before] = made(place);
    const { id } = await place.provider.createServer(request(place.volume, [port], { name: 'renamed' }));
    expect(made(place)).toMatchObject([{ id: before!.id, deviceId: id }]);
  });

  test.each<[string, PortRequest]>([
    ['a MAC address of its own', withoutMac],
    ['addresses that Neutron chooses', withoutAddresses],
    ['one of the two addresses', { ...full, fixedIps: ['192.168.88.20'] }],
    ['the default of the groups', withoutGroups],
    ['no groups', { ...full, securityGroups: [] }],
    ['no pairs', withoutPairs],
    ['port security in so many words', { ...full, portSecurity: true }],
    ['a port that is down', { ...full, connected: false }],
    ['nothing but a network', { network: 'lan' }],
  ])('what is asked for otherwise is made anew: %s', async (_name, port) => {
    const place = await start();
    await fails(place, request(place.volume, [full]));
    const [before] = made(place);
    const { id } = await place.provider.createServer(request(place.volume, [port]));
    const [after, ...more] = made(place);
    expect(more).toEqual([]);
    expect(after).toMatchObject({ deviceId: id });
    expect(after!.id).not.toBe(before!.id);
    if (port.mac === undefined) expect(after!.macAddress).not.toBe(MAC);
    expect(after!.fixedIps).toHaveLength(port.fixedIps?.length ?? 1);
    expect(after!.allowedAddressPairs).toHaveLength(port.allowedAddressPairs?.length ?? 0);
  });

  test('one that somebody changed since is made anew', async () => {
    const place = await start();
    await fails(place, request(place.volume, [full]));
    const [before] = made(place);
    before!.securityGroups = [];
    await place.provider.createServer(request(place.volume, [full]));
    expect(made(place)).toMatchObject([{ macAddress: MAC, securityGroups: [expect.any(String)] }]);
  });

  test('two that change places are no hindrance to each other', async () => {
    const place = await start();
    const [one, two] = [MAC, OTHER].map((mac) => ({ network: 'lan', mac }));
    await fails(place, request(place.volume, [one!, two!]));
    await place.provider.createServer(request(place.volume, [two!, one!]));
    expect(made(place).map(({ macAddress }) => macAddress)).toEqual([OTHER, MAC]);
  });

  test('one of a NIC that is skipped by now is taken away', async () => {
    const place = await start();
    const [one, two] = [MAC, OTHER].map((mac) => ({ network: 'lan', mac }));
    await fails(place, request(place.volume, [one!, two!]));
    await place.provider.createServer(request(place.volume, [two!]));
    expect(made(place).map(({ macAddress }) => macAddress)).toEqual([OTHER]);
  });

  test.each([
    ['is on a device', { deviceId: 'srv-9' }],
    ['belongs to a service', { deviceOwner: 'network:dhcp' }],
    ['has the mark of another VM', { description: 'migplan migplan.vm=other nic=0' }],
    ['has a mark that goes on', { description: 'migplan migplan.vm=5012-aa nic=0 and more' }],
    ['has the name of something else', { name: 'erp-db01' }],
  ])('one that %s is not touched', async (_name, change) => {
    const place = await start();
    await fails(place, request(place.volume, [{ network: 'lan' }]));
    Object.assign(made(place)[0]!, change);
    const before = { ...made(place)[0]! };
    await place.provider.createServer(request(place.volume, [{ network: 'lan', securityGroups: [] }]));
    expect(made(place)).toHaveLength(2);
    expect(made(place)[0]).toEqual(before);
  });

  test('one whose mark says nothing of what was asked for is made anew', async () => {
    const place = await start();
    await fails(place, request(place.volume, [{ network: 'lan' }]));
    const [before] = made(place);
    before!.description = 'migplan migplan.vm=5012-aa nic=0';
    await place.provider.createServer(request(place.volume, [{ network: 'lan' }]));
    expect(made(place)).toHaveLength(1);
    expect(made(place)[0]!.id).not.toBe(before!.id);
  });
});
