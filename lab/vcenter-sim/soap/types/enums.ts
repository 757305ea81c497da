/** Names of enumerations: on the wire a string, in xsi:type their own name. */
export const VIM_ENUMS = `
HostSystemConnectionState HostSystemPowerState ManagedEntityStatus SharesLevel TaskInfoState
VirtualMachineConnectionState VirtualMachineFaultToleranceState VirtualMachinePowerState
VirtualMachineRecordReplayState VirtualMachineToolsStatus VirtualSCSISharing
`;
