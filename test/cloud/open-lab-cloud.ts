import type { LabCloudEntry, RealCloud } from '../../lab/harness/real-cloud.js';
import type { TargetProvider } from '../../src/contracts/target-provider.js';
import { systemClock } from '../../src/host/clock.js';
import type { OpenStackConfig } from '../../src/providers/openstack/config/cloud-config.js';
import { loadCloud, openOpenStack } from '../../src/providers/openstack/index.js';

export interface LabCloudAccess {
  readonly access: OpenStackConfig['access'];
  /** Private, with a short path. */
  readonly socketFolder: string;
}

/** The provider on the real cloud, configured as the command line would; volumes are reached in Ceph unless told otherwise. */
export function openLabCloud(
  { cloudsFile, endpoints }: RealCloud,
  entry: LabCloudEntry,
  by?: LabCloudAccess,
): Promise<TargetProvider> {
  const cloud = loadCloud(entry, { OS_CLIENT_CONFIG_FILE: cloudsFile }, process.cwd());
  const rbd = { conf: endpoints.cephConf, user: endpoints.cephUser };
  const access = by?.access ?? { type: 'cinder', rbd };
  return openOpenStack(
    { name: entry, cloud, access, hostName: 'lab-test' },
    { clock: systemClock, ...(by !== undefined && { socketFolder: async () => by.socketFolder }) },
  );
}
