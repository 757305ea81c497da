import { describe, expect, test } from 'vitest';
import { ProviderError, type ProviderErrorKind } from '../../../src/contracts/provider-error.js';
import { toProviderError } from '../../../src/providers/vmware/errors.js';
import { decodeAnswer } from '../../../src/providers/vmware/soap/decode.js';
import { type FailureReason, TransportFailure } from '../../../src/providers/vmware/soap/failure.js';
import { SessionLost } from '../../../src/providers/vmware/soap/session.js';
import { fault } from './envelope.js';

function classified(xml: string): ProviderError {
  try {
    decodeAnswer(xml, 'SomeCall');
  } catch (error) {
    const classified = toProviderError(error, 'vc');
    if (classified instanceof ProviderError) return classified;
  }
  return expect.unreachable('not a ProviderError');
}

const object = '<object type="VirtualMachine">vm-42</object><privilegeId>VirtualMachine.State.CreateSnapshot</privilegeId>';
const file = '<file>[ds1] db01/db01.vmdk</file>';

describe('faults', () => {
  const rows: readonly [type: string, kind: ProviderErrorKind, code: string, fields?: string, says?: string][] = [
    ['InvalidLogin', 'unauthenticated', 'MP5001'],
    ['NotAuthenticated', 'unauthenticated', 'MP5001', object],
    ['NoPermission', 'denied', 'MP5004', object, 'privilege VirtualMachine.State.CreateSnapshot on VirtualMachine vm-42'],
    ['RestrictedVersion', 'unsupported', 'MP5004'],
    ['ManagedObjectNotFound', 'not-found', 'MP5006', '<obj type="VirtualMachine">vm-42</obj>', 'vm-42'],
    ['NotFound', 'not-found', 'MP5006'],
    ['TaskInProgress', 'held', 'MP5004', '<task type="Task">task-1</task>'],
    ['FileLocked', 'held', 'MP5004', file, '[ds1] db01/db01.vmdk'],
    ['NoDiskSpace', 'quota', 'MP5004', `${file}<datastore>ds1</datastore>`],
    ['FileFault', 'failed', 'MP5004', file],
    ['CannotAccessFile', 'failed', 'MP5004', file],
    ['ToolsUnavailable', 'unsupported', 'MP5004'],
    ['InvalidPowerState', 'conflict', 'MP5004', '<existingState>suspended</existingState>', 'the VM is suspended'],
    ['InvalidState', 'conflict', 'MP5004'],
    ['TooManySnapshotLevels', 'conflict', 'MP5004'],
    ['SnapshotIncompatibleDeviceInVm', 'conflict', 'MP5004', '<fault><fault xsi:type="MethodFault"/></fault>'],
    ['GenericVmConfigFault', 'conflict', 'MP5004', '<reason>r</reason>'],
    ['ConcurrentAccess', 'conflict', 'MP5004'],
    ['InsufficientResourcesFault', 'transient', 'MP5003'],
    ['HostNotConnected', 'transient', 'MP5003'],
    ['MethodNotFound', 'unsupported', 'MP5004'],
    ['NotSupported', 'unsupported', 'MP5004'],
    ['InvalidArgument', 'invalid', 'MP5004', '<invalidProperty>changeId</invalidProperty>', '(changeId)'],
    ['InvalidProperty', 'invalid', 'MP5004', '<name>a.b</name>'],
    ['RequestCanceled', 'failed', 'MP5004'],
    ['SystemError', 'failed', 'MP5004', '<reason>oops</reason>'],
    ['FaultOfTheFuture', 'failed', 'MP5004', '<spin>up</spin>'],
  ];
  test.each(rows)('%s is %s %s', (type, kind, code, fields = '', says = type) => {
    const { details } = classified(fault(type, fields, 'text of vCenter'));
    expect(details).toMatchObject({ kind, code, provider: 'vc', call: 'SomeCall' });
    expect(details.detail).toContain(type);
    expect(details.detail).toContain(says);
    expect(details.detail).toContain('text of vCenter');
  });

  test('a refused privilege says what to do', () => {
    expect(classified(fault('NoPermission', object)).details.nextSteps?.join()).toContain('VirtualMachine.State.CreateSnapshot');
  });
});

describe('failures', () => {
  const rows: readonly [reason: FailureReason, kind: ProviderErrorKind, code: string][] = [
    ['untrusted', 'untrusted', 'MP5002'],
    ['unreachable', 'transient', 'MP5003'],
    ['unavailable', 'transient', 'MP5003'],
    ['lost', 'transient', 'MP5003'],
    ['truncated', 'transient', 'MP5005'],
    ['unreadable', 'invalid', 'MP5005'],
  ];
  test.each(rows)('%s is %s %s', (reason, kind, code) => {
    const error = toProviderError(new TransportFailure(reason, 'Login', 'why'), 'vc') as ProviderError;
    expect(error.details).toMatchObject({ kind, code, call: 'Login', detail: 'why' });
  });

  test('a certificate that is not trusted names its thumbprint and what to put into the manifest', () => {
    const failure = new TransportFailure('untrusted', 'Login', 'why', { presentedThumbprint: 'AA:BB' });
    const { detail, nextSteps } = (toProviderError(failure, 'vc') as ProviderError).details;
    expect(detail).toContain('AA:BB');
    expect(nextSteps?.join('\n')).toMatch(/tls: \{caFile: FILE\}[\s\S]*tls: \{thumbprint: "AA:BB"\}/);
  });

  test('a session that ends again and again may work later', () => {
    expect(toProviderError(new SessionLost('ContinueRetrievePropertiesEx'), 'vc')).toMatchObject({ kind: 'transient' });
  });

  test('bugs stay what they are', () => {
    const bug = new TypeError('x is undefined');
    expect(toProviderError(bug, 'vc')).toBe(bug);
  });
});
