import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VcenterSim } from './index.js';
import { at, COLLECTOR, RawClient, VM } from './raw-client.js';
import { startTestSim, worldWith } from './test-world.js';

let sim: VcenterSim;
let client: RawClient;

beforeAll(async () => {
  sim = await startTestSim(worldWith());
  client = await RawClient.loggedIn(sim);
});
afterAll(() => sim.close());

const retrieve = (specSet: string, options = '<options/>') =>
  client.call('RetrievePropertiesEx', `${COLLECTOR}${specSet}${options}`);
const specOf = (propSet: string) =>
  `<specSet><propSet>${propSet}</propSet><objectSet><obj type="VirtualMachine">vm-1</obj></objectSet></specSet>`;

// Real servers read XSD sequences; a lenient simulator would hide a client that gets the order wrong.
describe('strict requests', () => {
  const rows: readonly { name: string; method: string; inner: string; fault: string }[] = [
    { name: 'unknown element', method: 'ShutdownGuest', inner: `${VM}<force>true</force>`, fault: 'InvalidRequest' },
    {
      name: 'elements out of order',
      method: 'CreateSnapshot_Task',
      inner: `${VM}<memory>false</memory><name>s</name><quiesce>false</quiesce>`,
      fault: 'InvalidRequest',
    },
    {
      name: 'missing element',
      method: 'CreateSnapshot_Task',
      inner: `${VM}<name>s</name><memory>false</memory>`,
      fault: 'InvalidRequest',
    },
    {
      name: 'repeated scalar',
      method: 'CreateSnapshot_Task',
      inner: `${VM}<name>a</name><name>b</name><memory>false</memory><quiesce>false</quiesce>`,
      fault: 'InvalidRequest',
    },
    {
      name: 'bad boolean',
      method: 'CreateSnapshot_Task',
      inner: `${VM}<name>s</name><memory>no</memory><quiesce>false</quiesce>`,
      fault: 'InvalidRequest',
    },
    {
      name: 'int out of range',
      method: 'QueryChangedDiskAreas',
      inner: `${VM}<deviceKey>3000000000</deviceKey><startOffset>0</startOffset><changeId>*</changeId>`,
      fault: 'InvalidRequest',
    },
    { name: 'moref without type', method: 'ShutdownGuest', inner: '<_this>vm-1</_this>', fault: 'InvalidRequest' },
    { name: 'text between elements', method: 'ShutdownGuest', inner: `${VM}now`, fault: 'InvalidRequest' },
    {
      name: 'missing options',
      method: 'RetrievePropertiesEx',
      inner: COLLECTOR + specOf('<type>VirtualMachine</type><pathSet>name</pathSet>'),
      fault: 'InvalidRequest',
    },
    {
      name: 'pathSet before type',
      method: 'RetrievePropertiesEx',
      inner: `${COLLECTOR}${specOf('<pathSet>name</pathSet><type>VirtualMachine</type>')}<options/>`,
      fault: 'InvalidRequest',
    },
    { name: 'unknown method', method: 'CloneVM_Task', inner: VM, fault: 'MethodNotFound' },
    {
      name: 'method of another type',
      method: 'ShutdownGuest',
      inner: '<_this type="Folder">group-d1</_this>',
      fault: 'MethodNotFound',
    },
    {
      name: 'no such object',
      method: 'ShutdownGuest',
      inner: '<_this type="VirtualMachine">vm-9</_this>',
      fault: 'ManagedObjectNotFound',
    },
  ];
  test.each(rows)('$name', async ({ method, inner, fault }) => {
    const answer = await client.call(method, inner);
    expect([answer.status, answer.fault]).toEqual([500, fault]);
  });

  test.each([
    { name: 'no namespace', payload: `<ShutdownGuest>${VM}</ShutdownGuest>` },
    {
      name: 'nested element in another namespace',
      payload: `<ShutdownGuest xmlns="urn:vim25"><_this xmlns="" type="VirtualMachine">vm-1</_this></ShutdownGuest>`,
    },
    {
      name: 'xsi:type in no namespace',
      payload: `<v:ReconfigVM_Task xmlns:v="urn:vim25"><v:_this type="VirtualMachine">vm-1</v:_this><v:spec xsi:type="VirtualMachineConfigSpec"/></v:ReconfigVM_Task>`,
    },
    { name: 'two calls', payload: '<CurrentTime xmlns="urn:vim25"/><CurrentTime xmlns="urn:vim25"/>' },
    { name: 'not XML', payload: '<CurrentTime' },
  ])('$name', async ({ payload }) => {
    expect((await client.post(payload)).fault).toBe('InvalidRequest');
  });

  test('a wrong SOAPAction', async () => {
    const payload = '<CurrentTime xmlns="urn:vim25"><_this type="ServiceInstance">ServiceInstance</_this></CurrentTime>';
    expect((await client.post(payload, { action: 'urn:vim25/5.0' })).fault).toBe('InvalidRequest');
    expect((await client.post(payload, { action: 'RetrieveProperties' })).fault).toBe('InvalidRequest');
    expect((await client.post(payload, { action: '"urn:vim25/8.0.1.0"' })).fault).toBeUndefined();
    expect((await client.post(payload, { contentType: 'application/soap+xml' })).status).toBe(415);
  });

  test('a document type declaration', async () => {
    const answer = await client.post('<!DOCTYPE a [<!ENTITY b "c">]><CurrentTime xmlns="urn:vim25"/>');
    expect(answer.fault).toBe('InvalidRequest');
  });

  test('prefixed elements are as good as unprefixed ones', async () => {
    const answer = await client.post(
      '<v:CurrentTime xmlns:v="urn:vim25"><v:_this type="ServiceInstance">ServiceInstance</v:_this></v:CurrentTime>',
    );
    expect(answer.fault).toBeUndefined();
  });

  test('names the path that is no property', async () => {
    const answer = await retrieve(
      specOf('<type>VirtualMachine</type><pathSet>name</pathSet><pathSet>config.hardware.disk</pathSet>'),
    );
    expect(answer.fault).toBe('InvalidProperty');
    expect(at(answer.faultDetail!, 'name').text).toBe('config.hardware.disk');
  });

  test('only change tracking can be reconfigured', async () => {
    const answer = await client.call('ReconfigVM_Task', `${VM}<spec><name>other</name></spec>`);
    expect(answer.fault).toBe('NotSupported');
  });
});

describe('answers', () => {
  test('a list is wrapped at val level and its items carry their real type', async () => {
    const device = (await client.read({ type: 'VirtualMachine', value: 'vm-1' }, 'config.hardware.device')).get(
      'config.hardware.device',
    )!;
    expect(device.xsiType).toEqual({ uri: 'urn:vim25', local: 'ArrayOfVirtualDevice' });
    expect(device.children.every(({ local }) => local === 'VirtualDevice')).toBe(true);
    expect(device.children.map(({ xsiType }) => xsiType?.local)).toContain('VirtualDisk');
  });

  test('unset properties are left out', async () => {
    const properties = await client.read({ type: 'VirtualMachine', value: 'vm-1' }, 'snapshot', 'runtime.question', 'name');
    expect([...properties.keys()]).toEqual(['name']);
  });

  test('prefixes differ from answer to answer', async () => {
    const prefixes = new Set<string>();
    for (let round = 0; round < 12; round++) {
      const { body } = await client.call('CurrentTime', '<_this type="ServiceInstance">ServiceInstance</_this>');
      prefixes.add(/xmlns:([\w-]+)="http:\/\/www.w3.org\/2001\/XMLSchema-instance"/.exec(body)?.[1] ?? '');
    }
    expect(prefixes.size).toBeGreaterThan(1);
  });

  test('nothing found is an empty answer', async () => {
    const fields = '<_this type="SearchIndex">SearchIndex</_this><uuid>none</uuid><vmSearch>true</vmSearch>';
    const answer = await client.call('FindByUuid', fields);
    expect([answer.status, answer.results]).toEqual([200, []]);
  });
});
