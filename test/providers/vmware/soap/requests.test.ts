import { describe, expect, test } from 'vitest';
import { Secret } from '../../../../src/host/secret.js';
import { encodeArguments, subtype } from '../../../../src/providers/vmware/soap/encode.js';
import { SoapClient } from '../../../../src/providers/vmware/soap/soap-client.js';
import type { Exchange, SoapTransport } from '../../../../src/providers/vmware/soap/transport.js';
import { type MethodName, type Methods, methods } from '../../../../src/providers/vmware/wsdl/methods.js';
import type { Moref, SentArguments } from '../../../../src/providers/vmware/wsdl/vim.js';
import { envelope } from '../envelope.js';

/** Records what would be written, and answers with nothing returned. */
class Recorder {
  readonly sent: { xml: string; exchange: Exchange }[] = [];
  async post(xml: string, exchange: Exchange): Promise<string> {
    this.sent.push({ xml, exchange });
    return envelope(`<${exchange.call}Response xmlns="urn:vim25"/>`);
  }
}

const options = { timeoutMs: 1_000, signal: new AbortController().signal, operationId: 'migplan-1' };
const vm: Moref = { type: 'VirtualMachine', value: 'vm-42' };
const snapshot: Moref = { type: 'VirtualMachineSnapshot', value: 'snapshot-77' };
const collector: Moref = { type: 'PropertyCollector', value: 'propertyCollector' };
const view: Moref = { type: 'ContainerView', value: 'session[52ab-<&>]52cd' };
const searchIndex: Moref = { type: 'SearchIndex', value: 'SearchIndex' };
const sessionManager: Moref = { type: 'SessionManager', value: 'SessionManager' };
const serviceInstance: Moref = { type: 'ServiceInstance', value: 'ServiceInstance' };
const viewToVm = subtype('TraversalSpec', { name: 'view2vm', type: 'ContainerView', path: 'view', skip: false });

// Fields stand here in another order than on the wire: the order must come from the tables.
const requests: { [Name in MethodName]: readonly [Moref, SentArguments<Methods[Name]>] } = {
  RetrieveServiceContent: [serviceInstance, {}],
  Login: [sessionManager, { locale: 'en', password: new Secret('p&w'), userName: 'DOMAIN\\svc "mig"' }],
  Logout: [sessionManager, {}],
  CurrentTime: [serviceInstance, {}],
  CreateContainerView: [
    { type: 'ViewManager', value: 'ViewManager' },
    { recursive: true, type: ['VirtualMachine', 'Folder'], container: { type: 'Folder', value: 'group-d1' } },
  ],
  DestroyView: [view, {}],
  RetrievePropertiesEx: [
    collector,
    {
      options: { maxObjects: 100 },
      specSet: [
        {
          reportMissingObjectsInResults: true,
          objectSet: [{ selectSet: [viewToVm], skip: true, obj: view }],
          propSet: [
            { pathSet: ['name', 'config.instanceUuid'], all: false, type: 'VirtualMachine' },
            { type: 'Folder', all: false },
          ],
        },
      ],
    },
  ],
  ContinueRetrievePropertiesEx: [collector, { token: '1' }],
  FindByUuid: [searchIndex, { instanceUuid: true, vmSearch: true, uuid: '501b2f6e' }],
  FindByInventoryPath: [searchIndex, { inventoryPath: 'DC1/vm/db%2f01' }],
  HasPrivilegeOnEntities: [
    { type: 'AuthorizationManager', value: 'AuthorizationManager' },
    { privId: ['System.View', 'VirtualMachine.State.CreateSnapshot'], sessionId: '52ab<&>', entity: [vm] },
  ],
  ReconfigVM_Task: [vm, { spec: { changeTrackingEnabled: true } }],
  CreateSnapshot_Task: [
    vm,
    { quiesce: false, memory: false, description: '{"a":"<![CDATA[x]]> & \u0000\r\n"}', name: 'migplan-r17-a1' },
  ],
  RemoveSnapshot_Task: [snapshot, { consolidate: true, removeChildren: false }],
  ConsolidateVMDisks_Task: [vm, {}],
  QueryChangedDiskAreas: [vm, { changeId: '52 2d/6', startOffset: 2n ** 53n + 1n, deviceKey: 2000, snapshot }],
  ShutdownGuest: [vm, {}],
  PowerOffVM_Task: [vm, {}],
};

async function record(): Promise<{ client: SoapClient; recorder: Recorder }> {
  const recorder = new Recorder();
  const client = new SoapClient('https://vc.example/sdk', recorder as unknown as SoapTransport);
  return { client, recorder };
}

describe('requests', () => {
  test('each on the wire, in wire order and in the vim25 namespace', async () => {
    const { client, recorder } = await record();
    for (const method of Object.keys(methods) as MethodName[]) {
      const [self, values] = requests[method];
      await client.call(method, self, values as never, options);
    }
    const lines = recorder.sent.map(({ xml, exchange }) => `${exchange.call}\n${xml.replaceAll('><', '>\n<')}`);
    await expect(`${lines.join('\n\n')}\n`).toMatchFileSnapshot('../../../golden/vmware-requests.txt');
  });

  test('the password never reaches what builds the request', async () => {
    const { client, recorder } = await record();
    const [self, values] = requests.Login;
    await client.call('Login', self, values, options);
    expect(recorder.sent[0]!.xml).not.toMatch(/p&(amp;)?w/);
    expect(
      [...recorder.sent[0]!.exchange.secrets].map(([place, secret]) => [
        recorder.sent[0]!.xml.includes(`>${place}<`),
        secret.reveal(),
      ]),
    ).toEqual([[true, 'p&w']]);
  });

  test('asking again and again does not make requests grow', async () => {
    const { client, recorder } = await record();
    const [self, values] = requests.RetrievePropertiesEx;
    for (let i = 0; i < 20; i++) await client.call('RetrievePropertiesEx', self, values, options);
    expect(new Set(recorder.sent.map(({ xml }) => xml)).size).toBe(1);
  });
});

describe('arguments that are bugs', () => {
  const rows: readonly { name: string; encode: () => unknown; message: RegExp }[] = [
    {
      name: 'unknown key',
      encode: () => encodeArguments('Logout', vm, { memory: true } as never),
      message: /nothing is called memory/,
    },
    {
      name: 'unknown key inside',
      encode: () => encodeArguments('ReconfigVM_Task', vm, { spec: { name: 'x' } } as never),
      message: /nothing is called name/,
    },
    {
      name: 'missing key',
      encode: () => encodeArguments('FindByInventoryPath', vm, {} as never),
      message: /inventoryPath is missing/,
    },
    {
      name: 'wrong type',
      encode: () => encodeArguments('FindByInventoryPath', vm, { inventoryPath: 7 } as never),
      message: /inventoryPath is no string/,
    },
    {
      name: 'a type that does not fit',
      encode: () => encodeArguments('ReconfigVM_Task', vm, { spec: subtype('TraversalSpec', { type: 'a', path: 'b' }) } as never),
      message: /cannot be of type/,
    },
    {
      name: 'a plain secret',
      encode: () => encodeArguments('Login', vm, { userName: 'a', password: 'b' } as never),
      message: /a secret is expected/,
    },
  ];
  test.each(rows)('$name', ({ encode, message }) => {
    expect(encode).toThrow(message);
  });
});
