import { describeSourceProvider } from '../../conformance/source-provider.js';
import { OldCloud } from './old-cloud.js';

// Also a cloud that ignores list filters and has short pages; snapshots read in place, and by way of clones.
for (const [name, config] of [
  ['old cloud', {}],
  ['old cloud without filters', { resourceFilters: 'off', pageSize: 1, volumeOrder: 'name:asc' }],
] as const) {
  for (const access of ['cinder', 'nova'] as const) {
    describeSourceProvider(
      `${name}, access ${access}`,
      async () => {
        const old = await OldCloud.start(config);
        const { id } = await old.plant();
        return {
          provider: await (access === 'nova' ? old.openByClone() : old.open()),
          selector: { kind: 'server', server: id },
          prefix: 'conformance',
          write: async () => undefined,
          pause: async () => old.cloud.sim.control.advance(50),
          cleanUp: () => old[Symbol.asyncDispose](),
        };
      },
      'openstack',
    );
  }
}
