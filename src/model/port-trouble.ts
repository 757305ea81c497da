import type { PortLink } from './observed-target.js';

export type PortTrouble = 'binding-failed' | 'down';

/**
 * What a port of a server that runs should not be. binding-failed: no driver of the cloud took it, and the server is without it for
 * certain. down: nobody has told Neutron that it is connected, which most drivers do and some never: likely, and not certain. Of a port
 * that is off, or of a physical function (SR-IOV), whose agent need not be there, it says nothing.
 */
export function portTrouble({ status, isOff, vnicType = 'normal', vifType }: PortLink): PortTrouble | undefined {
  if (vifType === 'binding_failed') return 'binding-failed';
  if (isOff === true || vnicType !== 'normal') return undefined;
  return ['DOWN', 'BUILD', 'ERROR'].includes(status) ? 'down' : undefined;
}
