import type { MethodName } from './wsdl/methods.js';

type PrivilegePhase = 'plan' | 'seed' | 'sync' | 'cutover';

/** One privilege of the account that migplan logs in with. */
export interface PrivilegeRow {
  /** Id as in `NoPermission.privilegeId`, such as `VirtualMachine.State.CreateSnapshot`. */
  readonly privilege: string;
  /** What the role must be granted on. A role on a folder or datacenter reaches the VMs below when it propagates. */
  readonly on: 'VirtualMachine' | 'Datastore' | 'every object';
  readonly phases: readonly PrivilegePhase[];
  /** SOAP operations that need it; none when it is VDDK that does. */
  readonly operations: readonly MethodName[];
  /** `certain`: the operation demands it. `uncertain`: named by some guides for VDDK; not seen on a real vCenter. */
  readonly evidence: 'certain' | 'uncertain';
}

const copying = ['seed', 'sync', 'cutover'] as const;
const everyPhase = ['plan', ...copying] as const;

/** The privileges that each phase needs on a vCenter: the one list, from which the documented role is made. */
export const privileges: readonly PrivilegeRow[] = [
  {
    privilege: 'System.View',
    on: 'every object',
    phases: everyPhase,
    operations: ['CreateContainerView', 'FindByUuid', 'FindByInventoryPath'],
    evidence: 'certain',
  },
  {
    privilege: 'System.Read',
    on: 'every object',
    phases: everyPhase,
    operations: ['RetrievePropertiesEx', 'ContinueRetrievePropertiesEx'],
    evidence: 'certain',
  },
  {
    privilege: 'VirtualMachine.Config.ChangeTracking',
    on: 'VirtualMachine',
    phases: copying,
    operations: ['ReconfigVM_Task'],
    evidence: 'certain',
  },
  {
    privilege: 'VirtualMachine.State.CreateSnapshot',
    on: 'VirtualMachine',
    phases: copying,
    operations: ['CreateSnapshot_Task'],
    evidence: 'certain',
  },
  {
    privilege: 'VirtualMachine.State.RemoveSnapshot',
    on: 'VirtualMachine',
    phases: copying,
    operations: ['RemoveSnapshot_Task', 'ConsolidateVMDisks_Task'],
    evidence: 'certain',
  },
  {
    privilege: 'VirtualMachine.Provisioning.DiskRandomRead',
    on: 'VirtualMachine',
    phases: copying,
    operations: ['QueryChangedDiskAreas'],
    evidence: 'certain',
  },
  {
    privilege: 'VirtualMachine.Interact.PowerOff',
    on: 'VirtualMachine',
    phases: ['cutover'],
    operations: ['ShutdownGuest', 'PowerOffVM_Task'],
    evidence: 'certain',
  },
  ...forVddk('VirtualMachine', ['VirtualMachine.Config.DiskLease', 'VirtualMachine.Provisioning.GetVmFiles']),
  ...forVddk('Datastore', ['Datastore.Browse', 'Datastore.FileManagement']),
];

/** Operations that any account, or anybody, may call. */
export const needNoPrivilege: readonly MethodName[] = ['RetrieveServiceContent', 'Login', 'Logout', 'CurrentTime', 'DestroyView'];

function forVddk(on: PrivilegeRow['on'], names: readonly string[]): PrivilegeRow[] {
  return names.map((privilege) => ({ privilege, on, phases: copying, operations: [], evidence: 'uncertain' }));
}
