import type { PrivilegeEvidence } from '../../contracts/privileges.js';
import type { SourceUse } from '../../model/source-use.js';
import type { MethodName } from './wsdl/methods.js';

export type PrivilegePhase = 'plan' | 'seed' | 'sync' | 'cutover';

/** One privilege of the account that migplan logs in with. */
export interface PrivilegeRow {
  /** Id as in `NoPermission.privilegeId`, such as `VirtualMachine.State.CreateSnapshot`. */
  readonly privilege: string;
  /** What the role must be granted on. A role on a folder or datacenter reaches the VMs below when it propagates. */
  readonly on: 'VirtualMachine' | 'Datastore' | 'every object';
  readonly use: SourceUse;
  /** SOAP operations that need it; none when it is VDDK that does. */
  readonly operations: readonly MethodName[];
  readonly evidence: PrivilegeEvidence;
}

const copying = ['seed', 'sync', 'cutover'] as const;

/** By use, the phases in which it happens. */
export const phasesOf: Readonly<Record<SourceUse, readonly PrivilegePhase[]>> = {
  observe: ['plan', ...copying],
  track: copying,
  copy: copying,
  'power-off': ['cutover'],
};

/**
 * The privileges that each phase needs on a vCenter: the one list, which `doctor --vcenter` asks for and the role is made of.
 * VMware's guide to VDDK ("Credentials and Privileges for VMDK Access", 6.5 to 8.0) asks for change tracking, both snapshot
 * privileges, read-only disk access and download of the VM. What it names besides is not in the list: Global.DisableMethods
 * and EnableMethods are for PrepareForAccess, which nbdkit does not call; space and disks are for hot-add. The disk lease
 * and the datastore's privileges are asked for by other products that read with VDDK (Azure Migrate, Veeam), and not by it.
 */
export const privileges: readonly PrivilegeRow[] = [
  {
    privilege: 'System.View',
    on: 'every object',
    use: 'observe',
    operations: ['CreateContainerView', 'FindByUuid', 'FindByInventoryPath', 'HasPrivilegeOnEntities'],
    evidence: 'certain',
  },
  {
    privilege: 'System.Read',
    on: 'every object',
    use: 'observe',
    operations: ['RetrievePropertiesEx', 'ContinueRetrievePropertiesEx'],
    evidence: 'certain',
  },
  onVm('VirtualMachine.Config.ChangeTracking', 'track', ['ReconfigVM_Task']),
  onVm('VirtualMachine.State.CreateSnapshot', 'copy', ['CreateSnapshot_Task']),
  onVm('VirtualMachine.State.RemoveSnapshot', 'copy', ['RemoveSnapshot_Task', 'ConsolidateVMDisks_Task']),
  onVm('VirtualMachine.Provisioning.DiskRandomRead', 'copy', ['QueryChangedDiskAreas']),
  onVm('VirtualMachine.Interact.PowerOff', 'power-off', ['ShutdownGuest', 'PowerOffVM_Task']),
  forVddk('VirtualMachine.Provisioning.GetVmFiles', 'VirtualMachine', 'documented'),
  forVddk('VirtualMachine.Config.DiskLease', 'VirtualMachine', 'uncertain'),
  forVddk('Datastore.Browse', 'Datastore', 'uncertain'),
  forVddk('Datastore.FileManagement', 'Datastore', 'uncertain'),
];

/** Operations that any account, or anybody, may call. */
export const needNoPrivilege: readonly MethodName[] = ['RetrieveServiceContent', 'Login', 'Logout', 'CurrentTime', 'DestroyView'];

function onVm(privilege: string, use: SourceUse, operations: readonly MethodName[]): PrivilegeRow {
  return { privilege, on: 'VirtualMachine', use, operations, evidence: 'certain' };
}

function forVddk(privilege: string, on: PrivilegeRow['on'], evidence: PrivilegeEvidence): PrivilegeRow {
  return { privilege, on, use: 'copy', operations: [], evidence };
}
