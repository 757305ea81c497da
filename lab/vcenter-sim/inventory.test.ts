import { afterAll, beforeAll, expect, test } from 'vitest';
import type { VcenterSim } from './index.js';
import { all, at, COLLECTOR, child, find, type RawAnswer, RawClient } from './raw-client.js';
import { MIB, startTestSim, worldWith } from './test-world.js';
import type { VmConfig } from './world-config.js';

const COUNT = 23;
let sim: VcenterSim;
let client: RawClient;

beforeAll(async () => {
  const vms: VmConfig[] = Array.from({ length: COUNT }, (_, index) => ({
    name: index === 3 ? 'db/01' : `vm${index}`,
    moref: `vm-${index}`,
    folder: index % 2 === 0 ? 'apps/web' : 'apps',
    instanceUuid: `inst-${index}`,
    biosUuid: index < 2 ? 'twin' : `bios-${index}`,
    disks: [{ capacityBytes: MIB }],
    ...(index === 4 ? { annotation: 'call first', customAttributes: { owner: 'erp' }, cpuAllocation: { reservation: 500 } } : {}),
  }));
  const networks = [{ name: 'dv', kind: 'distributed' as const, moref: 'dvportgroup-9' }];
  sim = await startTestSim({
    ...worldWith(),
    soap: { pageMax: 5 },
    datacenters: [{ name: 'dc1', moref: 'datacenter-1', networks, vms }],
  });
  client = await RawClient.loggedIn(sim);
});
afterAll(() => sim.close());

const propSet = '<propSet><type>VirtualMachine</type><pathSet>name</pathSet></propSet>';
const idsOf = (answer: RawAnswer): string[] =>
  answer.results.flatMap((result) => all(result, 'objects').map((object) => at(object, 'obj').text));

async function listAll(objectSet: string): Promise<{ ids: string[]; pages: number }> {
  let answer = await client.call(
    'RetrievePropertiesEx',
    `${COLLECTOR}<specSet>${propSet}${objectSet}</specSet><options><maxObjects>10</maxObjects></options>`,
  );
  const ids = idsOf(answer);
  let pages = 1;
  for (let token = find(answer.results[0]!, 'token'); token !== undefined; token = find(answer.results[0]!, 'token')) {
    answer = await client.call('ContinueRetrievePropertiesEx', `${COLLECTOR}<token>${token.text}</token>`);
    expect(answer.fault).toBeUndefined();
    ids.push(...idsOf(answer));
    pages += 1;
  }
  return { ids, pages };
}

async function view(type = 'VirtualMachine'): Promise<string> {
  const fields = `<_this type="ViewManager">ViewManager</_this><container type="Folder">group-d1</container><type>${type}</type><recursive>true</recursive>`;
  return (await client.call('CreateContainerView', fields)).results[0]!.text;
}

test("a view lists every VM once, over pages of the server's choice", async () => {
  const traversal =
    '<selectSet xsi:type="TraversalSpec"><name>v</name><type>ContainerView</type><path>view</path><skip>false</skip></selectSet>';
  const { ids, pages } = await listAll(
    `<objectSet><obj type="ContainerView">${await view()}</obj><skip>true</skip>${traversal}</objectSet>`,
  );
  expect(ids.sort()).toEqual(Array.from({ length: COUNT }, (_, index) => `vm-${index}`).sort());
  expect(pages).toBeGreaterThan(COUNT / 5);
});

test('folders are walked by named, recursive traversal', async () => {
  const again = '<selectSet><name>folders</name></selectSet><selectSet><name>dc</name></selectSet>';
  const folders = `<selectSet xsi:type="TraversalSpec"><name>folders</name><type>Folder</type><path>childEntity</path><skip>false</skip>${again}</selectSet>`;
  const dc =
    '<selectSet xsi:type="TraversalSpec"><name>dc</name><type>Datacenter</type><path>vmFolder</path><skip>false</skip><selectSet><name>folders</name></selectSet></selectSet>';
  const { ids } = await listAll(`<objectSet><obj type="Folder">group-d1</obj><skip>false</skip>${folders}${dc}</objectSet>`);
  expect(ids).toHaveLength(COUNT);
});

test('a token is good once, and in its session only', async () => {
  const traversal = '<selectSet xsi:type="TraversalSpec"><type>ContainerView</type><path>view</path></selectSet>';
  const first = await client.call(
    'RetrievePropertiesEx',
    `${COLLECTOR}<specSet>${propSet}<objectSet><obj type="ContainerView">${await view()}</obj><skip>true</skip>${traversal}</objectSet></specSet><options/>`,
  );
  const token = child(first.results[0]!, 'token').text;
  const other = await RawClient.loggedIn(sim);
  const next = `${COLLECTOR}<token>${token}</token>`;
  expect((await other.call('ContinueRetrievePropertiesEx', next)).fault).toMatch(/^Invalid(Property|Argument)$/);
  expect((await client.call('ContinueRetrievePropertiesEx', next)).fault).toBeUndefined();
  expect((await client.call('ContinueRetrievePropertiesEx', next)).fault).toMatch(/^Invalid(Property|Argument)$/);
});

test('finding by uuid: the bios uuid may be shared, and only one VM is given', async () => {
  const index = '<_this type="SearchIndex">SearchIndex</_this>';
  const find = (method: string, uuid: string, instance: boolean) =>
    client.call(method, `${index}<uuid>${uuid}</uuid><vmSearch>true</vmSearch><instanceUuid>${instance}</instanceUuid>`);
  expect((await find('FindByUuid', 'INST-4', true)).results.map(({ text }) => text)).toEqual(['vm-4']);
  expect((await find('FindByUuid', 'twin', false)).results).toHaveLength(1);
});

test('finding by path: a slash within a name is escaped', async () => {
  const find = (path: string) =>
    client.call('FindByInventoryPath', `<_this type="SearchIndex">SearchIndex</_this><inventoryPath>${path}</inventoryPath>`);
  expect((await find('dc1/vm/apps/db%2f01')).results[0]).toMatchObject({ typeAttribute: 'VirtualMachine', text: 'vm-3' });
  expect((await find('/dc1/vm/apps/web/vm4')).results[0]?.text).toBe('vm-4');
  expect((await find('dc1/network/dv')).results[0]?.typeAttribute).toBe('DistributedVirtualPortgroup');
  expect((await find('dc1/vm/nowhere')).results).toEqual([]);
});

test('an object that is gone fails the whole call, or is reported when asked', async () => {
  const spec = (report: string) =>
    `${COLLECTOR}<specSet>${propSet}<objectSet><obj type="VirtualMachine">vm-0</obj></objectSet><objectSet><obj type="VirtualMachine">vm-99</obj></objectSet>${report}</specSet><options/>`;
  expect((await client.call('RetrievePropertiesEx', spec(''))).fault).toBe('ManagedObjectNotFound');
  const answer = await client.call(
    'RetrievePropertiesEx',
    spec('<reportMissingObjectsInResults>true</reportMissingObjectsInResults>'),
  );
  expect(answer.fault).toBeUndefined();
});

test.each(['Folder', 'Datacenter', 'HostSystem', 'Datastore', 'Network', 'VirtualMachine'])(
  'every property of a %s can be encoded',
  async (type) => {
    const traversal = '<selectSet xsi:type="TraversalSpec"><type>ContainerView</type><path>view</path></selectSet>';
    const spec = `<specSet><propSet><type>${type}</type><all>true</all></propSet><objectSet><obj type="ContainerView">${await view(type)}</obj><skip>true</skip>${traversal}</objectSet></specSet>`;
    const answer = await client.call('RetrievePropertiesEx', `${COLLECTOR}${spec}<options/>`);
    expect(answer.fault).toBeUndefined();
    expect(answer.results).toHaveLength(1);
  },
);

test('annotation, custom attributes with their definitions, and reservations, as the configuration has them', async () => {
  const paths = ['config.annotation', 'config.cpuAllocation', 'customValue', 'availableField'];
  const asked = paths.map((path) => `<pathSet>${path}</pathSet>`).join('');
  const specSet = `<specSet><propSet><type>VirtualMachine</type>${asked}</propSet><objectSet><obj type="VirtualMachine">vm-4</obj></objectSet></specSet>`;
  const { results } = await client.call('RetrievePropertiesEx', `${COLLECTOR}${specSet}<options/>`);
  const found = new Map(all(child(results[0]!, 'objects')!, 'propSet').map((set) => [at(set, 'name').text, child(set, 'val')!]));
  expect(found.get('config.annotation')!.text).toBe('call first');
  expect(at(found.get('config.cpuAllocation')!, 'reservation').text).toBe('500');
  const [value] = all(found.get('customValue')!, 'CustomFieldValue');
  const [definition] = all(found.get('availableField')!, 'CustomFieldDef');
  expect([at(value!, 'key').text, at(value!, 'value').text]).toEqual([at(definition!, 'key').text, 'erp']);
  expect(at(definition!, 'name').text).toBe('owner');
});
