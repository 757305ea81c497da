import type { TargetProvider } from '../../../contracts/target-provider.js';
import type { NamedServer } from './conversion-server.js';

/** How volumes are taken and given back; one for each type of access. */
export interface VolumeAttachments
  extends Pick<TargetProvider, 'reserve' | 'connect' | 'release' | 'takeSlots' | 'checkHost'>,
    AsyncDisposable {
  /** The server that volumes are attached to. Absent: none. */
  conversionHost?(): Promise<NamedServer & { readonly volumesMax: number }>;
}
