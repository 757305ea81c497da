import { describeTargetProvider } from '../../conformance/target-provider.js';
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
