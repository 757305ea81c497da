import { tmpdir } from 'node:os';
import { bestDeviceKind } from '../../../lab/openstack-sim/compute/host-devices.js';
import { serverId } from '../../../src/model/ids.js';
import { describeTargetProvider, describeVolumeHolds } from '../../conformance/target-provider.js';
import { NovaFixture } from './nova-fixture.js';
import { SimCloud } from './sim-cloud.js';

// The suite on the real provider and a simulated cloud; also on one that ignores list filters and has short pages.
for (const [name, config] of [
  ['simulated cloud', {}],
  ['simulated cloud without filters', { resourceFilters: 'off', pageSize: 2, volumeOrder: 'name:asc' }],
] as const) {
  describeTargetProvider(name, async () => {
    const cloud = await SimCloud.start(config);
    const provider = await cloud.open();
    return {
      provider,
      prefix: 'suite',
      flavor: 'm1.small',
      network: 'lan',
      volumeType: 'local',
      cleanUp: () => cloud[Symbol.asyncDispose](),
    };
  });
}

// As files, and as block devices where the kernel has them to give: those can be opened exclusively once only.
for (const devices of new Set(['file', bestDeviceKind(tmpdir())] as const)) {
  describeVolumeHolds(`disks of a conversion host (${devices})`, async () => {
    const fixture = await NovaFixture.start({ host: { devices } });
    return {
      provider: await fixture.open(),
      prefix: 'suite',
      flavor: 'm1.small',
      network: 'lan',
      volumeType: 'local',
      conversionHost: serverId(fixture.host.id),
      cleanUp: async () => {},
    };
  });
}
