import { grantPrivileges, makeRole, seeAllPrivileges } from '../../contracts/grant-privileges.js';
import { ProviderError, type ProviderErrorKind } from '../../contracts/provider-error.js';
import type { DiagnosticCode } from '../../diag/catalog.js';
import { clockNextSteps } from '../clock-behind.js';
import { phasesOf, privileges } from './privileges.js';
import { type FailureReason, TransportFailure } from './soap/failure.js';
import { SessionLost } from './soap/session.js';
import { asFault, type FaultName, VimFault } from './soap/vim-fault.js';

interface Verdict {
  readonly kind: ProviderErrorKind;
  readonly code: DiagnosticCode;
}

const denied: Verdict = { kind: 'denied', code: 'MP5004' };
const refused: Verdict = { kind: 'conflict', code: 'MP5004' };
const held: Verdict = { kind: 'held', code: 'MP5004' };
const unsupported: Verdict = { kind: 'unsupported', code: 'MP5004' };
const failed: Verdict = { kind: 'failed', code: 'MP5004' };
const invalid: Verdict = { kind: 'invalid', code: 'MP5004' };
const gone: Verdict = { kind: 'not-found', code: 'MP5006' };
const busy: Verdict = { kind: 'transient', code: 'MP5003' };
const credentials: Verdict = { kind: 'unauthenticated', code: 'MP5001' };

/** What each fault means; the first row that the fault is or comes from decides, so subtypes stand before their bases. */
const FAULT_VERDICTS: readonly (readonly [FaultName, Verdict])[] = [
  ['InvalidLogin', credentials],
  ['NotAuthenticated', credentials],
  ['NoPermission', denied],
  ['RestrictedVersion', unsupported],
  ['ManagedObjectNotFound', gone],
  ['NotFound', gone],
  ['TaskInProgress', held],
  ['FileLocked', held],
  ['NoDiskSpace', { kind: 'quota', code: 'MP5004' }],
  ['FileFault', failed],
  ['ToolsUnavailable', unsupported],
  ['SnapshotFault', refused],
  ['InvalidState', refused],
  ['ConcurrentAccess', refused],
  ['VmConfigFault', refused],
  ['InsufficientResourcesFault', busy],
  ['HostCommunication', busy],
  ['Timedout', busy],
  ['MethodNotFound', unsupported],
  ['NotSupported', unsupported],
  ['NotImplemented', unsupported],
  ['InvalidArgument', invalid],
  ['InvalidRequest', invalid],
  ['InvalidProperty', invalid],
  ['InvalidName', invalid],
];

const FAILURE_VERDICTS: Readonly<Record<FailureReason, Verdict>> = {
  untrusted: { kind: 'untrusted', code: 'MP5002' },
  unreachable: busy,
  unavailable: busy,
  lost: busy,
  truncated: { kind: 'transient', code: 'MP5005' },
  unreadable: { kind: 'invalid', code: 'MP5005' },
};

/** Turns whatever a call threw into a ProviderError; bugs pass through as they are. */
export function toProviderError(error: unknown, provider: string): unknown {
  if (error instanceof VimFault) return fromFault(error, provider);
  if (error instanceof TransportFailure) return fromFailure(error, provider);
  if (error instanceof SessionLost) {
    const detail = 'the session ended again and again while a list was being read';
    return new ProviderError({ ...busy, provider, call: error.call, detail }, { cause: error });
  }
  return error;
}

function fromFault(fault: VimFault, provider: string): ProviderError {
  const verdict = FAULT_VERDICTS.find(([name]) => fault.is(name))?.[1] ?? failed;
  const sentence = fault.sentence === '' ? '' : `: ${fault.sentence}`;
  const nextSteps = faultNextSteps(fault);
  return new ProviderError(
    {
      ...verdict,
      provider,
      call: fault.call,
      detail: `${fault.type}${particulars(fault)}${sentence}`,
      ...(nextSteps.length > 0 ? { nextSteps } : {}),
    },
    { cause: fault },
  );
}

/** The fields of a fault that say what it is about. */
function particulars(fault: VimFault): string {
  const permission = asFault(fault, 'NoPermission');
  if (permission !== undefined && !fault.is('NotAuthenticated')) {
    const { privilegeId = 'unknown', object } = permission;
    return ` (privilege ${privilegeId} on ${object?.type ?? 'object'} ${object?.value ?? 'unknown'}${phasesText(privilegeId)})`;
  }
  const file = asFault(fault, 'FileFault')?.file;
  if (file !== undefined) return ` (${file})`;
  const power = asFault(fault, 'InvalidPowerState')?.existingState;
  if (power !== undefined) return ` (the VM is ${power})`;
  const property = asFault(fault, 'InvalidArgument')?.invalidProperty;
  if (property !== undefined) return ` (${property})`;
  const object = asFault(fault, 'ManagedObjectNotFound')?.obj.value;
  return object === undefined ? '' : ` (${object})`;
}

/** When the privilege is needed; nothing for one that is not in the table. */
function phasesText(privilegeId: string): string {
  const row = privileges.find(({ privilege }) => privilege === privilegeId);
  return row === undefined ? '' : `, needed for ${phasesOf[row.use].join(', ')}`;
}

function faultNextSteps(fault: VimFault): readonly string[] {
  if (fault.is('InvalidLogin'))
    return ['check user and password of the provider; it was tried once only, so that the account is not locked'];
  if (fault.is('NotAuthenticated'))
    return ['vCenter ends the session right after the login: check whether the account may log in'];
  if (fault.is('NoPermission'))
    return [grantPrivileges([asFault(fault, 'NoPermission')?.privilegeId ?? 'PRIVILEGE']), seeAllPrivileges, makeRole];
  if (fault.is('FileLocked'))
    return ['find what holds the disk open: a backup proxy, or a reader of an earlier run that still lives'];
  if (fault.is('NoDiskSpace')) return ['free space on the datastore: snapshots of the VM grow there'];
  return [];
}

function fromFailure(failure: TransportFailure, provider: string): ProviderError {
  const { reason, call, detail, presentedThumbprint } = failure;
  if (failure.isClockBehind) {
    return new ProviderError(
      { ...FAILURE_VERDICTS[reason], provider, call, detail, nextSteps: clockNextSteps },
      { cause: failure },
    );
  }
  const trust = presentedThumbprint === undefined ? {} : { nextSteps: trustNextSteps(presentedThumbprint) };
  const presented = presentedThumbprint === undefined ? '' : `; presented was one with SHA-256 thumbprint ${presentedThumbprint}`;
  return new ProviderError(
    { ...FAILURE_VERDICTS[reason], provider, call, detail: `${detail}${presented}`, ...trust },
    { cause: failure },
  );
}

const trustNextSteps = (thumbprint: string): readonly string[] => [
  'trust the authority that signed it: set tls: {caFile: FILE} for the provider in the Project',
  `or compare the thumbprint with what vCenter's administrators say, and set tls: {thumbprint: "${thumbprint}"}`,
];

/** Change tracking gives no answer that may be trusted. */
export function cbtInvalid(provider: string, why: string, cause?: unknown): ProviderError {
  return new ProviderError(
    { kind: 'cbt-invalid', code: 'MP2006', provider, call: 'QueryChangedDiskAreas', detail: why },
    { cause },
  );
}

/** The change map is there, and somebody or something keeps it from being read now: it says nothing about the base. */
export function mapUnreadable(provider: string, why: string, cause: unknown): ProviderError {
  return new ProviderError(
    {
      kind: 'cbt-invalid',
      code: 'MP2045',
      provider,
      call: 'QueryChangedDiskAreas',
      detail: why,
      nextSteps: ['run the same plan again: what the volume holds stays a base'],
    },
    { cause },
  );
}

/** The state of the VM forbids what was asked. */
export function conflict(provider: string, call: string, detail: string): ProviderError {
  return new ProviderError({ ...refused, provider, call, detail });
}

/** Something that the snapshot or VM should have is not there. */
export function notFound(provider: string, call: string, detail: string): ProviderError {
  return new ProviderError({ ...gone, provider, call, detail });
}

/** The Project's words for the provider cannot be used. */
export function unusableConfig(provider: string, detail: string): ProviderError {
  return new ProviderError({ kind: 'invalid', code: 'MP1018', provider, call: 'configure', detail });
}
