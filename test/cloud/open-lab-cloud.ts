import type { LabCloudEntry, RealCloud } from '../../lab/harness/real-cloud.js';
import { systemClock } from '../../src/host/clock.js';
import { loadCloud, openOpenStack } from '../../src/providers/openstack/index.js';
import type { TargetProvider } from '../../src/providers/provider.js';

/** The provider on the real cloud, configured as the command line would. */
export function openLabCloud({ cloudsFile, endpoints }: RealCloud, entry: LabCloudEntry): Promise<TargetProvider> {
  const cloud = loadCloud(entry, { OS_CLIENT_CONFIG_FILE: cloudsFile }, process.cwd());
  const rbd = { conf: endpoints.cephConf, user: endpoints.cephUser };
  return openOpenStack({ name: entry, cloud, access: { type: 'cinder', rbd }, hostName: 'lab-test' }, { clock: systemClock });
}
