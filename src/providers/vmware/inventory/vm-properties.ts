import type { NotCarried } from '../../../model/observed-source.js';
import { isA, type Properties } from '../properties.js';
import { advancedSettings } from './advanced-settings.js';
import { brief } from './brief.js';

/**
 * What becomes of one property of a VM. carried: the target gets it, or the plan says why not (obstacles and devices too);
 * not-applicable: it says nothing about the target; told: the target goes without it, and the plan shows what `show` makes of the
 * value, if anything.
 */
type Disposition =
  | { readonly is: 'carried' | 'not-applicable' }
  | { readonly is: 'told'; readonly note?: string; readonly show: (value: unknown) => string | undefined };

type DispositionTable = Readonly<Record<string, Disposition>>;

const all = <D extends Disposition>(is: D, ...names: readonly string[]): Record<string, D> =>
  Object.fromEntries(names.map((name) => [name, is]));
const carried: Disposition = { is: 'carried' };
const none: Disposition = { is: 'not-applicable' };
const told = (note?: string, show: (value: unknown) => string | undefined = brief): Disposition => ({
  is: 'told',
  show,
  ...(note !== undefined && { note }),
});

const whenOn = (value: unknown): string | undefined => (value === true ? 'on' : undefined);
const unless =
  (usual: string) =>
  (value: unknown): string | undefined =>
    brief(value) === usual ? undefined : brief(value);
const hotAdd = told('Nova adds none to a server that runs', whenOn);
const byFlavor = told('the flavor of the target decides');

/**
 * Every property of the managed object VirtualMachine. The tags of vSphere are not among them: they live behind another interface
 * (the Automation API), and nothing of vim25 tells them; `tag` is an older thing, always empty.
 */
const machine: DispositionTable = {
  ...all(carried, 'name', 'snapshot', 'network', 'runtime', 'disabledMethod', 'capability'),
  // Each part of them has a row of its own.
  ...all(carried, 'config', 'guest'),
  // The names of custom attributes; those that have a value are told with it.
  ...all(carried, 'availableField', 'customValue'),
  parentVApp: told('start order and network settings of the vApp stay behind', (value) =>
    typeof value === 'object' ? (value as { value?: string } | null)?.value : undefined,
  ),
  ...all(none, 'value', 'parent', 'overallStatus', 'configStatus', 'configIssue', 'effectiveRole', 'permission', 'recentTask'),
  ...all(none, 'declaredAlarmState', 'triggeredAlarmState', 'alarmActionsEnabled', 'tag', 'layout', 'layoutEx', 'storage'),
  ...all(none, 'environmentBrowser', 'resourcePool', 'resourceConfig', 'summary', 'datastore', 'rootSnapshot'),
  ...all(none, 'guestHeartbeatStatus'),
};

/** VirtualMachineConfigInfo. */
const config: DispositionTable = {
  ...all(carried, 'name', 'instanceUuid', 'template', 'version', 'guestId', 'guestFullName', 'firmware', 'bootOptions'),
  ...all(carried, 'changeTrackingEnabled', 'keyId', 'ftInfo', 'hardware', 'flags'),
  annotation: told(),
  cpuAllocation: byFlavor,
  memoryAllocation: byFlavor,
  latencySensitivity: told(undefined, (value) => {
    const level = (value as { level?: unknown } | null)?.level;
    return level === 'normal' ? undefined : brief(level);
  }),
  memoryHotAddEnabled: hotAdd,
  cpuHotAddEnabled: hotAdd,
  cpuHotRemoveEnabled: hotAdd,
  cpuAffinity: byFlavor,
  memoryAffinity: byFlavor,
  memoryReservationLockedToMax: told('the flavor of the target decides', whenOn),
  networkShaper: told(),
  cpuFeatureMask: told('the CPU model of the target decides', (value) =>
    Array.isArray(value) && value.length > 0 ? String(value.length) : undefined,
  ),
  extraConfig: told('names only: values may be secrets'),
  nestedHVEnabled: told('the compute hosts of the target decide', whenOn),
  vPMCEnabled: told('the compute hosts of the target decide', whenOn),
  vAppConfig: told('OVF properties, names only: values may be secrets', ovfProperties),
  managedBy: told('the solution that manages it does not know the server', (value) =>
    isData(value) && isA(value, 'ManagedByInfo') ? value.extensionKey : undefined,
  ),
  repConfig: told('replication of the VM stays behind', (value) => (value === undefined ? undefined : 'on')),
  npivNodeWorldWideName: told(),
  npivPortWorldWideName: told(),
  vFlashCacheReservation: told(undefined, unless('0')),
  ...all(none, 'changeVersion', 'modified', 'uuid', 'createDate', 'npivWorldWideNameType', 'npivDesiredNodeWwns'),
  ...all(none, 'npivDesiredPortWwns', 'npivTemporaryDisabled', 'npivOnNonRdmDisks', 'locationId', 'alternateGuestName', 'files'),
  // Of VMware Tools, which the target has no use for.
  ...all(
    none,
    'tools',
    'consolePreferences',
    'defaultPowerOps',
    'vcpuConfig',
    'hotPlugMemoryLimit',
    'hotPlugMemoryIncrementSize',
  ),
  ...all(none, 'datastoreUrl', 'swapPlacement', 'vAssertsEnabled', 'maxMksConnections', 'guestAutoLockEnabled'),
  ...all(none, 'initialOverhead', 'scheduledHardwareUpgradeInfo', 'forkConfigInfo', 'vmxConfigChecksum'),
  ...all(none, 'messageBusTunnelEnabled', 'vmStorageObjectId', 'swapStorageObjectId', 'guestIntegrityInfo', 'migrateEncryption'),
  // Newer than the version of vim25 that migplan speaks (wsdl/document.ts): the server hides them from it.
  ...all(none, 'rebootPowerOff', 'sgxInfo', 'contentLibItemInfo', 'guestMonitoringModeInfo', 'sevEnabled', 'numaInfo'),
  ...all(none, 'pmemFailoverEnabled', 'vmxStatsCollectionEnabled', 'vmOpNotificationToAppEnabled', 'vmOpNotificationTimeout'),
  ...all(none, 'deviceSwap', 'pmem', 'deviceGroups', 'fixedPassthruHotPlugEnabled', 'metroFtEnabled', 'metroFtHostGroup'),
  ...all(none, 'tdxEnabled', 'sevSnpEnabled'),
};

/** VirtualHardware. */
const hardware: DispositionTable = {
  ...all(carried, 'numCPU', 'memoryMB', 'device'),
  numCoresPerSocket: told('hw_cpu_cores and hw_cpu_sockets of the flavor or image decide', unless('1')),
  ...all(none, 'virtualICH7MPresent', 'virtualSMCPresent', 'autoCoresPerSocket', 'motherboardLayout', 'simultaneousThreads'),
};

/** VirtualMachineFlagInfo. */
const flags: DispositionTable = {
  vbsEnabled: told('virtualization based security needs a flavor with nested virtualization', whenOn),
  vvtdEnabled: told('hw_viommu_model of the image decides', whenOn),
  ...all(none, 'disableAcceleration', 'enableLogging', 'useToe', 'runWithDebugInfo', 'monitorType', 'htSharing'),
  ...all(none, 'snapshotDisabled', 'snapshotLocked', 'diskUuidEnabled', 'virtualMmuUsage', 'virtualExecUsage'),
  ...all(none, 'snapshotPowerOffBehavior', 'recordReplayEnabled', 'faultToleranceType', 'cbrcCacheEnabled'),
};

/** GuestInfo: what VMware Tools tell while they run. */
const guest: DispositionTable = {
  ...all(carried, 'guestFamily', 'toolsRunningStatus', 'net'),
  // On the disks, and travels with them.
  ...all(none, 'hostName', 'ipAddress', 'ipStack', 'disk', 'screen', 'guestId', 'guestFullName', 'guestDetailedData'),
  ...all(none, 'toolsStatus', 'toolsVersionStatus', 'toolsVersionStatus2', 'toolsVersion', 'toolsInstallType', 'guestState'),
  ...all(none, 'appHeartbeatStatus', 'guestKernelCrashed', 'appState', 'guestOperationsReady', 'customizationInfo'),
  ...all(none, 'interactiveGuestOperationsReady', 'guestStateChangeSupported', 'generationInfo', 'hwVersion'),
};

/** By the path that leads to each. */
export const vmProperties = {
  '': machine,
  'config.': config,
  'config.hardware.': hardware,
  'config.flags.': flags,
  'guest.': guest,
} as const satisfies Readonly<Record<string, DispositionTable>>;

const toldRows = Object.entries<DispositionTable>(vmProperties).flatMap(([prefix, table]) =>
  Object.entries(table).flatMap(([property, disposition]) =>
    disposition.is === 'told' ? [{ path: `${prefix}${property}`, property, disposition }] : [],
  ),
);

/** What must be read for them. */
export const TOLD_PATHS: readonly string[] = [...toldRows.map(({ path }) => path), 'availableField', 'customValue', 'guest.net'];

/** What the VM itself has and the target will not have, in the order of the tables; last what cannot be told. */
export function propertiesLeftBehind(vm: Properties): NotCarried[] {
  const note = 'this account may not read it';
  const unreadable = vm.unreadable.map((property) => ({ of: 'VM', property, value: 'unknown', note }));
  return [...toldProperties(vm), ...customAttributes(vm), ...unreadable];
}

function toldProperties(vm: Properties): NotCarried[] {
  return toldRows.flatMap(({ path, property, disposition: { show, note } }): NotCarried[] => {
    if (path === 'config.extraConfig') return advancedSettings(vm.list(path, 'OptionValue').map(({ key }) => key));
    const value = vm.has(path) ? show(vm.value(path)) : undefined;
    return value === undefined ? [] : [{ of: 'VM', property, value, ...(note !== undefined && { note }) }];
  });
}

/** Those that have a value, by the names that vCenter gives them. */
function customAttributes(vm: Properties): NotCarried[] {
  const names = new Map(vm.list('availableField', 'CustomFieldDef').map(({ key, name }) => [key, name]));
  return vm.list('customValue', 'CustomFieldValue').flatMap((field): NotCarried[] => {
    const value = isA(field, 'CustomFieldStringValue') ? brief(field.value) : undefined;
    const property = `custom attribute ${names.get(field.key) ?? field.key}`;
    return value === undefined ? [] : [{ of: 'VM', property, value, note: 'metadata of the new server can hold it' }];
  });
}

function ovfProperties(value: unknown): string | undefined {
  if (!isData(value) || !isA(value, 'VmConfigInfo')) return brief(value);
  const ids = value.property.flatMap(({ id }) => id ?? []);
  return ids.length === 0 ? undefined : brief(ids.join(' '));
}

const isData = (value: unknown): value is { readonly $type: string } =>
  typeof value === 'object' && value !== null && '$type' in value;
