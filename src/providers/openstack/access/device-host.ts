import type { HostCheck } from '../../../contracts/provider.js';
import type { ProviderError } from '../../../contracts/provider-error.js';
import type { TargetBlock } from '../../../contracts/target-provider.js';
import type { ServerId } from '../../../model/ids.js';
import type { CallSite } from '../http/errors.js';
import type { NamedServer } from './conversion-server.js';
import type { ExpectedDevice } from './device-facts.js';

/** A device that is ours: nobody mounts it, and no volume manager takes it, until it is closed. */
export interface DeviceClaim {
  readonly block: TargetBlock;
  /** Why the block cannot be written any more, if so. Absent: what holds it lives as long as we do. */
  readonly broken?: () => Promise<ProviderError | undefined>;
  /** Lets go of it; nothing of ours can write to it any more. Twice is fine. */
  close(): Promise<void>;
}

/** No link with the volume's serial came up. */
export interface NoDevice {
  readonly none: true;
  /** The machine that was looked at, as its firmware names it. Undefined: it may not be read. */
  readonly machine: string | undefined;
}

export interface ClaimOptions {
  readonly site: CallSite;
  /** Until the device's link is there. */
  readonly timeoutMs: number;
}

/** The conversion host as its kernel shows it: this machine, or one at the other end of ssh. */
export interface DeviceHost {
  readonly description: HostDescription;
  /**
   * Waits for the volume's device, opens it so that nobody else on that machine may use it, and only then looks whether it is
   * the volume: what is looked at is what is written. A disk in use, such as the one the machine runs from, cannot be opened
   * so. ProviderError when it is not the volume or cannot be had.
   */
  claim(expected: ExpectedDevice, options: ClaimOptions): Promise<DeviceClaim | NoDevice>;
  /** What `doctor` tells of the machine. ProviderError when nothing can be told. */
  look(server: NamedServer, site: CallSite): Promise<readonly HostCheck[]>;
}

/** How messages speak of the machine. */
export interface HostDescription {
  /** `this machine`, `host conv1`. */
  readonly name: string;
  readonly isHere: boolean;
  /** What to do when devices may not be opened. */
  readonly rights: string;
  /** What to do when a device is in use, besides what is true of every machine. */
  readonly busy: readonly string[];
  /** What to do when the machine is another than the server. */
  elsewhere(server: NamedServer): string;
  /** What has to be true for devices to show. */
  there(server: NamedServer): string;
}

/**
 * Whether the firmware's name is the server's id, which is what Nova puts there. Old firmware is read with the first three
 * fields in the other byte order.
 */
export const isMachineOf = (machine: string, server: ServerId): boolean =>
  [machine, swapped(machine)].includes(server.toLowerCase());

function swapped(uuid: string): string {
  const [first = '', second = '', third = '', ...rest] = uuid.split('-');
  const turned = [first, second, third].map((field) => (field.match(/../g) ?? []).toReversed().join(''));
  return [...turned, ...rest].join('-');
}
