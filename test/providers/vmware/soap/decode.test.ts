import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeAnswer } from '../../../../src/providers/vmware/soap/decode.js';
import { TransportFailure } from '../../../../src/providers/vmware/soap/failure.js';
import { VimFault } from '../../../../src/providers/vmware/soap/vim-fault.js';
import { envelope, fault, property, response } from '../envelope.js';

const decoded = (xml: string): unknown => decodeAnswer(xml, 'Test').value;

function propertyValue(val: string): unknown {
  const { objects } = decoded(property('p', val)) as { objects: { propSet: { val: unknown }[] }[] };
  return objects[0]!.propSet[0]!.val;
}

function failure(xml: string): unknown {
  try {
    return decodeAnswer(xml, 'Test');
  } catch (error) {
    return error;
  }
}

describe('property values', () => {
  const rows: readonly { name: string; val: string; expected: unknown }[] = [
    { name: 'string', val: '<val xsi:type="xsd:string"> db%2f01 &amp; co </val>', expected: ' db%2f01 & co ' },
    { name: 'empty string', val: '<val xsi:type="xsd:string"></val>', expected: '' },
    { name: 'CDATA', val: '<val xsi:type="xsd:string"><![CDATA[a<b]]></val>', expected: 'a<b' },
    { name: 'true', val: '<val xsi:type="xsd:boolean">1</val>', expected: true },
    { name: 'false', val: '<val xsi:type="xsd:boolean">false</val>', expected: false },
    { name: 'int', val: '<val xsi:type="xsd:int">-7</val>', expected: -7 },
    { name: 'long that a number holds', val: '<val xsi:type="xsd:long">9007199254740991</val>', expected: 2 ** 53 - 1 },
    { name: 'long that no number holds', val: '<val xsi:type="xsd:long">9007199254740993</val>', expected: 2n ** 53n + 1n },
    { name: 'enumeration', val: '<val xsi:type="VirtualMachinePowerState">poweredOn</val>', expected: 'poweredOn' },
    {
      name: 'moref',
      val: '<val xsi:type="ManagedObjectReference" type="Folder">group-v3</val>',
      expected: { type: 'Folder', value: 'group-v3' },
    },
    { name: 'date', val: '<val xsi:type="xsd:dateTime">2026-08-01T09:00:00.123Z</val>', expected: '2026-08-01T09:00:00.123Z' },
    { name: 'list of one', val: '<val xsi:type="ArrayOfString"><string>a</string></val>', expected: ['a'] },
    { name: 'empty list', val: '<val xsi:type="ArrayOfVirtualDevice"/>', expected: [] },
    { name: 'list of numbers', val: '<val xsi:type="ArrayOfInt"><int>1</int><int>2</int></val>', expected: [1, 2] },
    {
      name: 'list of morefs',
      val: '<val xsi:type="ArrayOfManagedObjectReference"><ManagedObjectReference type="Task">task-1</ManagedObjectReference></val>',
      expected: [{ type: 'Task', value: 'task-1' }],
    },
    {
      name: 'lists of an object that are not there',
      val: '<val xsi:type="VirtualMachineSnapshotInfo"><currentSnapshot type="VirtualMachineSnapshot">snapshot-1</currentSnapshot></val>',
      expected: {
        $type: 'VirtualMachineSnapshotInfo',
        currentSnapshot: { type: 'VirtualMachineSnapshot', value: 'snapshot-1' },
        rootSnapshotList: [],
      },
    },
    {
      name: 'unknown type',
      val: '<val xsi:type="QuantumInfo"><spin>up</spin><pair><a>1</a></pair><pair><a>2</a></pair></val>',
      expected: {
        $type: 'QuantumInfo',
        spin: 'up',
        pair: [
          { $type: 'anyType', a: '1' },
          { $type: 'anyType', a: '2' },
        ],
      },
    },
    {
      name: 'unknown device keeps what devices have',
      val: '<val xsi:type="ArrayOfVirtualDevice"><VirtualDevice xsi:type="VirtualQuantumDisk"><key>7</key><qubits>3</qubits></VirtualDevice></val>',
      expected: [{ $type: 'VirtualQuantumDisk', key: 7, qubits: '3' }],
    },
    {
      name: 'fields of a known type that no table names',
      val: '<val xsi:type="Description"><label>Hard disk 1</label><summary>s</summary><colour><deep>red</deep></colour></val>',
      expected: { $type: 'Description', label: 'Hard disk 1', summary: 's' },
    },
  ];
  test.each(rows)('$name', ({ val, expected }) => {
    expect(propertyValue(val)).toEqual(expected);
  });

  test('a disk, nested and polymorphic', () => {
    const disk = propertyValue(`<val xsi:type="ArrayOfVirtualDevice"><VirtualDevice xsi:type="VirtualDisk"><key>2000</key>
      <deviceInfo xsi:type="Description"><label>Hard disk 1</label><summary>41,943,040 KB</summary></deviceInfo>
      <backing xsi:type="VirtualDiskFlatVer2BackingInfo"><fileName>[ds1] db01/db01-000001.vmdk</fileName><datastore type="Datastore">datastore-11</datastore>
        <backingObjectId></backingObjectId><diskMode>persistent</diskMode><uuid>6000C29a</uuid><changeId>52 2d-77 4c/7</changeId>
        <parent><fileName>[ds1] db01/db01.vmdk</fileName><diskMode>persistent</diskMode><changeId>other/1</changeId></parent><sharing>sharingNone</sharing></backing>
      <controllerKey>1000</controllerKey><unitNumber>0</unitNumber><capacityInKB>41943040</capacityInKB><capacityInBytes>42949672960</capacityInBytes>
      </VirtualDevice></val>`);
    expect(disk).toEqual([
      {
        $type: 'VirtualDisk',
        key: 2000,
        deviceInfo: { $type: 'Description', label: 'Hard disk 1', summary: '41,943,040 KB' },
        controllerKey: 1000,
        unitNumber: 0,
        capacityInKB: 41_943_040,
        capacityInBytes: 42_949_672_960,
        backing: {
          $type: 'VirtualDiskFlatVer2BackingInfo',
          fileName: '[ds1] db01/db01-000001.vmdk',
          datastore: { type: 'Datastore', value: 'datastore-11' },
          diskMode: 'persistent',
          uuid: '6000C29a',
          changeId: '52 2d-77 4c/7',
          sharing: 'sharingNone',
        },
      },
    ]);
  });
});

test('prefixes do not matter, namespaces do', () => {
  const xml = `<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"><E:Body><v:RetrievePropertiesExResponse xmlns:v="urn:vim25"
    xmlns:XMLSchema-instance="http://www.w3.org/2001/XMLSchema-instance" xmlns:t="urn:other"><v:returnval><v:objects><v:obj type="VirtualMachine">42</v:obj>
    <v:propSet><v:name>p</v:name><v:val t:type="v:string" XMLSchema-instance:type="v:int">42</v:val></v:propSet>
    </v:objects></v:returnval></v:RetrievePropertiesExResponse></E:Body></E:Envelope>`;
  const { objects } = decoded(xml) as { objects: { obj: unknown; propSet: { val: unknown }[] }[] };
  expect(objects[0]!.obj).toEqual({ type: 'VirtualMachine', value: '42' });
  expect(objects[0]!.propSet[0]!.val).toBe(42);
});

test('nothing returned is undefined, and a header is passed over', () => {
  expect(decoded(response('FindByUuid', ''))).toBeUndefined();
  expect(decoded(envelope('<LogoutResponse xmlns="urn:vim25"/>'))).toBeUndefined();
  const header = '<soapenv:Header><operationID xmlns="urn:vim25">x</operationID></soapenv:Header>';
  expect(
    decoded(response('CurrentTime', '<returnval>now</returnval>').replace('<soapenv:Body>', `${header}<soapenv:Body>`)),
  ).toBe('now');
});

describe('faults', () => {
  test('with fields, cause and messages', () => {
    const xml = fault(
      'FileLocked',
      '<faultCause><fault xsi:type="GenericVmConfigFault"><reason>r</reason></fault><localizedMessage>cause</localizedMessage></faultCause>' +
        '<faultMessage><key>k</key><message>disk cannot be opened</message></faultMessage><file>[ds1] a.vmdk</file>',
      'Unable to access file',
    );
    const error = failure(xml) as VimFault;
    expect(error).toBeInstanceOf(VimFault);
    expect([error.type, error.is('FileFault'), error.is('VimFault'), error.is('SnapshotFault')]).toEqual([
      'FileLocked',
      true,
      true,
      false,
    ]);
    expect(error.sentence).toBe('Unable to access file disk cannot be opened');
    expect(error.fault).toMatchObject({ file: '[ds1] a.vmdk', faultCause: { fault: { $type: 'GenericVmConfigFault' } } });
  });

  test('of a type that is not in the table', () => {
    const error = failure(fault('QuantumFault', '<spin>up</spin>')) as VimFault;
    expect([error.type, error.is('MethodFault'), error.fault]).toEqual([
      'QuantumFault',
      false,
      { $type: 'QuantumFault', spin: 'up', faultMessage: [] },
    ]);
  });

  test('without detail, or with a detail that has no xsi:type', () => {
    const bare = envelope('<soapenv:Fault><faultcode>x</faultcode><faultstring>text</faultstring></soapenv:Fault>');
    expect(failure(bare)).toMatchObject({ type: 'MethodFault', text: 'text' });
    const untyped = fault('NotFound').replace('xsi:type="NotFound"', '');
    expect(failure(untyped)).toMatchObject({ type: 'NotFound' });
  });
});

describe('what is refused', () => {
  const area = '<changedArea><start>0</start><length>x</length></changedArea>';
  const rows: readonly { name: string; xml: string }[] = [
    {
      name: 'a document type',
      xml: `<!DOCTYPE x>${response('CurrentTime', '<returnval>now</returnval>').replace(/^<\?xml.*?\?>\n/, '')}`,
    },
    { name: 'an empty body', xml: envelope('') },
    { name: 'another document', xml: '<html><body>hello</body></html>' },
    { name: 'an envelope of another namespace', xml: envelope('').replaceAll('schemas.xmlsoap.org', 'example.com') },
    { name: 'broken XML', xml: response('Login', '<returnval><key>').slice(0, -30) },
    {
      name: 'a number that is none',
      xml: response('QueryChangedDiskAreas', `<returnval><startOffset>0</startOffset><length>1</length>${area}</returnval>`),
    },
    {
      name: 'a required field that is missing',
      xml: response('QueryChangedDiskAreas', '<returnval><startOffset>0</startOffset></returnval>'),
    },
    { name: 'a boolean that is none', xml: property('p', '<val xsi:type="xsd:boolean">yes</val>') },
  ];
  test.each(rows)('$name', ({ xml }) => {
    expect(failure(xml)).toBeInstanceOf(TransportFailure);
  });
});

test('an answer that is cut anywhere is never taken for a complete one', () => {
  const xml = response(
    'QueryChangedDiskAreas',
    '<returnval><startOffset>0</startOffset><length>1024</length><changedArea><start>0</start><length>512</length></changedArea></returnval>',
  ).trimEnd();
  fc.assert(
    fc.property(fc.integer({ min: 0, max: xml.length - 1 }), (cut) => {
      expect(failure(xml.slice(0, cut))).toBeInstanceOf(TransportFailure);
    }),
  );
});
