import type { ObservedMigration } from '../../src/model/observed.js';
import type { PortLink } from '../../src/model/observed-target.js';
import * as s from '../plan/plan-fixture.js';
import { planTrial } from './plan-trial.js';
import type { Trial } from './tried.js';

const id = s.serverId('srv-1');

/** Cut over, with a server whose one port is like this. */
const made = (link: PortLink): Partial<ObservedMigration> => ({
  source: { kind: 'found', vm: s.vm({ power: 'off' }) },
  volumes: { '2000': [s.volume({ reading: s.reading({ kind: 'converted', from: s.at(5) }) })] },
  server: { id, name: 'erp-db01', status: 'ACTIVE' },
  catalog: {
    ...s.catalog,
    ports: [{ id: 'port-1', network: 'n-1', mac: 'fa:16:3e:00:00:09', addresses: [], server: id, description: '', link }],
  },
});

const spec = {
  phase: 'cutover',
  target: { provider: 'cloud', volumeType: 'ssd', server: { flavor: 'm1.small', networks: ['prod'] } },
};
const mended = made({ status: 'ACTIVE', vifType: 'ovs' });

/** What whoever runs the cloud does is not done here; shown is that nothing is left to be said when Neutron tells that it was. */
export const serverPortTrials: readonly Trial[] = [
  {
    advice:
      'ask who runs the cloud: no network agent on the compute host of the server took the port; when that is mended, restart the server hard',
    seen: made({ status: 'DOWN', vifType: 'binding_failed' }),
  },
  {
    advice: 'see whether the server answers on the network: where a cloud does not report the state of ports, all is well',
    seen: made({ status: 'DOWN' }),
  },
].map((trial) => planTrial({ ...trial, spec, done: mended, leads: /^(?!.*MP2089)/ }));
