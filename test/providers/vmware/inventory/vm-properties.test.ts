import { expect, test } from 'vitest';
import { vmProperties } from '../../../../src/providers/vmware/inventory/vm-properties.js';

// What the API reference of vSphere 8 lists, told apart from the tables: a property that a table forgets is found here.
const references: Readonly<Record<keyof typeof vmProperties, string>> = {
  '': `alarmActionsEnabled availableField capability config configIssue configStatus customValue datastore declaredAlarmState
    disabledMethod effectiveRole environmentBrowser guest guestHeartbeatStatus layout layoutEx name network overallStatus parent
    parentVApp permission recentTask resourceConfig resourcePool rootSnapshot runtime snapshot storage summary tag
    triggeredAlarmState value`,
  'config.': `alternateGuestName annotation bootOptions changeTrackingEnabled changeVersion consolePreferences contentLibItemInfo
    cpuAffinity cpuAllocation cpuFeatureMask cpuHotAddEnabled cpuHotRemoveEnabled createDate datastoreUrl defaultPowerOps deviceGroups
    deviceSwap extraConfig files firmware fixedPassthruHotPlugEnabled flags forkConfigInfo ftInfo guestAutoLockEnabled guestFullName
    guestId guestIntegrityInfo guestMonitoringModeInfo hardware hotPlugMemoryIncrementSize hotPlugMemoryLimit initialOverhead
    instanceUuid keyId latencySensitivity locationId managedBy maxMksConnections memoryAffinity memoryAllocation memoryHotAddEnabled
    memoryReservationLockedToMax messageBusTunnelEnabled metroFtEnabled metroFtHostGroup migrateEncryption modified name nestedHVEnabled
    networkShaper npivDesiredNodeWwns npivDesiredPortWwns npivNodeWorldWideName npivOnNonRdmDisks npivPortWorldWideName
    npivTemporaryDisabled npivWorldWideNameType numaInfo pmem pmemFailoverEnabled rebootPowerOff repConfig scheduledHardwareUpgradeInfo
    sevEnabled sevSnpEnabled sgxInfo swapPlacement swapStorageObjectId tdxEnabled template tools uuid vAppConfig vAssertsEnabled
    vFlashCacheReservation vPMCEnabled vcpuConfig version vmOpNotificationTimeout vmOpNotificationToAppEnabled vmStorageObjectId
    vmxConfigChecksum vmxStatsCollectionEnabled`,
  'config.hardware.': `autoCoresPerSocket device memoryMB motherboardLayout numCPU numCoresPerSocket simultaneousThreads
    virtualICH7MPresent virtualSMCPresent`,
  'config.flags.': `cbrcCacheEnabled disableAcceleration diskUuidEnabled enableLogging faultToleranceType htSharing monitorType
    recordReplayEnabled runWithDebugInfo snapshotDisabled snapshotLocked snapshotPowerOffBehavior useToe vbsEnabled virtualExecUsage
    virtualMmuUsage vvtdEnabled`,
  'guest.': `appHeartbeatStatus appState customizationInfo disk generationInfo guestDetailedData guestFamily guestFullName guestId
    guestKernelCrashed guestOperationsReady guestState guestStateChangeSupported hostName hwVersion interactiveGuestOperationsReady
    ipAddress ipStack net screen toolsInstallType toolsRunningStatus toolsStatus toolsVersion toolsVersionStatus toolsVersionStatus2`,
};

test.each(Object.entries(references))('every property of a VM is carried, told or not applicable: %s', (prefix, names) => {
  const table = vmProperties[prefix as keyof typeof vmProperties];
  expect(Object.keys(table).toSorted()).toEqual(names.trim().split(/\s+/).toSorted());
});
